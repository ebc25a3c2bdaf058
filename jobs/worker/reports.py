"""What running jobs say of themselves, kept until the settler passes it on: progress and log lines."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Iterable
from time import monotonic
from typing import Final

from jobs.types import Claim

from .held import Held

MOST_LINES: Final = 200
LINE_BYTES: Final = 1024
PERIOD: Final = 0.5  # seconds between two writes of one job

Report = tuple[Claim, str, list[str]]


class _News:
    __slots__ = ("lines", "progress", "written")

    def __init__(self) -> None:
        self.progress = ""
        self.lines: list[str] = []
        self.written = -math.inf


class Reports:
    """Collects from any thread; one thread takes. Progress is JSON: {"percent": 0-100, "message": text}."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._news: dict[Held, _News] = {}
        self._fresh: set[Held] = set()

    def progress(self, held: Held, percent: float, message: str) -> None:
        """The job is so far. Only the latest is kept."""
        share = min(max(float(percent), 0.0), 100.0) if math.isfinite(percent) else 0.0
        text = json.dumps({"percent": round(share, 3), "message": clipped(message)})
        with self._lock:
            self._of(held).progress = text

    def log(self, held: Held, text: str) -> None:
        """The job says something; of what is not passed on yet the last 200 lines stay."""
        with self._lock:
            lines = self._of(held).lines
            lines += [clipped(line) for line in text.splitlines()[-MOST_LINES:]]
            del lines[:-MOST_LINES]

    def take_due(self) -> list[Report]:
        """What may be passed on now: twice a second for a job."""
        if not self._fresh:
            return []
        limit = monotonic() - PERIOD
        with self._lock:
            return [self._take(held) for held in list(self._fresh) if self._news[held].written <= limit]

    def take_last(self, ended: Iterable[Held]) -> list[Report]:
        """What jobs that are about to be settled said last. They are forgotten."""
        if not self._news:
            return []
        with self._lock:
            last = [self._take(held) for held in ended if held in self._fresh]
            for held in ended:
                self._news.pop(held, None)
        return last

    def _of(self, held: Held) -> _News:
        self._fresh.add(held)
        news = self._news.get(held)
        if news is None:
            news = self._news[held] = _News()
        return news

    def _take(self, held: Held) -> Report:
        news = self._news[held]
        report = (held.claim, news.progress, news.lines)
        news.progress, news.lines, news.written = "", [], monotonic()
        self._fresh.discard(held)
        return report


class Voice:
    """The Reporter of one job: what its JobContext talks to."""

    __slots__ = ("_held", "_reports")

    def __init__(self, reports: Reports, held: Held) -> None:
        self._reports = reports
        self._held = held

    def progress(self, job_id: str, percent: float, message: str) -> None:
        """Pass progress on."""
        self._reports.progress(self._held, percent, message)

    def log(self, job_id: str, text: str) -> None:
        """Pass a log line on."""
        self._reports.log(self._held, text)


def clipped(text: str) -> str:
    """At most 1 KiB of UTF-8 of the text, lone surrogates replaced."""
    return text.encode(errors="replace")[:LINE_BYTES].decode(errors="ignore")
