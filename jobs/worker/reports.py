"""What running jobs say of themselves, kept until the settler passes it on: progress and log lines."""

from __future__ import annotations

import json
import math
from collections import deque
from collections.abc import Iterable
from time import monotonic
from typing import Final

from jobs.handlers.context import MAX_LINES
from jobs.store.measures import Measure
from jobs.types import Claim

from .held import Held
from .measuring import Measuring

PERIOD: Final = 0.5  # seconds between two writes of one job

Report = tuple[Claim, str, list[str]]


class _News:
    __slots__ = ("lines", "passed_on", "progress", "written")

    def __init__(self) -> None:
        self.progress = ""
        self.passed_on = ""
        self.lines: deque[str] = deque(maxlen=MAX_LINES)
        self.written = -math.inf

    @property
    def fresh(self) -> bool:
        return bool(self.lines) or self.progress is not self.passed_on


class Reports:
    """Collects from any thread; one thread takes. Progress is JSON: {"percent": 0-100, "message": text}.

    Without locks: a handler may be interrupted anywhere in here, and would leave a lock locked.
    """

    def __init__(self) -> None:
        self._news: dict[Held, _News] = {}

    def progress(self, held: Held, percent: float, message: str) -> None:
        """The job is so far. Only the latest is kept."""
        self._of(held).progress = json.dumps({"percent": round(percent, 3), "message": message})

    def log(self, held: Held, lines: list[str]) -> None:
        """The job says something; of what is not passed on yet the last 200 lines stay."""
        self._of(held).lines.extend(lines)

    def take_due(self) -> list[Report]:
        """What may be passed on now: twice a second for a job."""
        limit = monotonic() - PERIOD
        return [_taken(held, news) for held, news in list(self._news.items()) if news.fresh and news.written <= limit]

    def take_last(self, ended: Iterable[Held]) -> list[Report]:
        """What jobs that are about to be settled said last. They are forgotten."""
        if not self._news:
            return []
        last = [(held, self._news.pop(held)) for held in ended if held in self._news]
        return [_taken(held, news) for held, news in last if news.fresh]

    def _of(self, held: Held) -> _News:
        return self._news.get(held) or self._news.setdefault(held, _News())


def _taken(held: Held, news: _News) -> Report:
    progress, lines = news.progress, []
    while news.lines:
        lines.append(news.lines.popleft())
    text = "" if progress is news.passed_on else progress
    news.passed_on, news.written = progress, monotonic()
    return held.claim, text, lines


class Voice:
    """The Reporter of one job: what its JobContext talks to."""

    __slots__ = ("_held", "_measuring", "_reports")

    def __init__(self, reports: Reports, measuring: Measuring, held: Held) -> None:
        self._reports = reports
        self._measuring = measuring
        self._held = held

    def progress(self, percent: float, message: str) -> None:
        """Pass progress on."""
        self._reports.progress(self._held, percent, message)

    def log(self, lines: list[str]) -> None:
        """Pass lines of a log on."""
        self._reports.log(self._held, lines)

    def metric(self, series: str, value: float) -> None:
        """Pass a measure on."""
        self._measuring.add(Measure(self._held.claim.record.type, series, value))
