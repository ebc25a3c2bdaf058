"""How to bear what fails: wait longer each time, say so without a line for each try, say once that it is over.

`Patience` is for one thread that goes on trying, `Case` for one of many things that it tries, `Telling` for many
callers that do not.
"""

from __future__ import annotations

import random
import threading
from time import monotonic
from typing import Final

from jobs.errors import StoreError
from jobs.logs import get_logger

log = get_logger(__name__)
FIRST_WAIT: Final = 0.05
MOST_TEXT: Final = 500
_UNASKED: Final = "breaker_open"  # the store was not asked, because of what it had said before


class Case:
    """One thing that fails time after time: since when, how often, and when it is `due` again. Times are in seconds."""

    __slots__ = ("due", "since", "tries")

    def __init__(self, now: float) -> None:
        self.since = self.due = now
        self.tries = 0

    def failed(self, now: float, first: float, longest: float) -> None:
        """Once more: it is due after `first`, and after twice as long each time, up to `longest`."""
        self.due = now + min(first * 2.0**self.tries, longest)
        self.tries = min(self.tries + 1, 1000)


class Patience:
    """Counts the failures of one thread in a row. `who` names it in the log, which hears of transitions."""

    def __init__(self, who: str) -> None:
        self._who = who
        self._failures = 0
        self._since = 0.0
        self._said, self._said_at = "", 0.0
        self._longest, self._every = StoreError.longest_wait, StoreError.say_every

    @property
    def is_tried(self) -> bool:
        """Whether the last thing that was heard of is a failure."""
        return self._failures > 0

    def failed(self, error: Exception) -> float:
        """Seconds to wait after this failure, with jitter. Logs another kind of failure at once, else now and then.

        How long at most, and how often, says the failure: that of the store which it is not asked for.
        """
        now = monotonic()
        if not self._failures:
            self._since = now
        self._failures += 1
        kind = error.kind if isinstance(error, StoreError) else f"{type(error).__name__}: {error}"
        if kind != _UNASKED:
            told = error if isinstance(error, StoreError) else StoreError
            self._longest, self._every = told.longest_wait, told.say_every
        is_new = kind != self._said and not (self._said and kind == _UNASKED)
        if is_new or now - self._said_at > self._every:
            self._said, self._said_at = kind, now
            self._say(error, is_new=is_new)
        return min(FIRST_WAIT * 2.0 ** min(self._failures - 1, 10), self._longest) * random.uniform(0.5, 1.0)

    def succeeded(self) -> None:
        """All is well."""
        if self._failures:
            away = round(monotonic() - self._since, 3)
            log.info("works again", who=self._who, seconds=away, failures=self._failures)
            self._failures, self._said = 0, ""

    def _say(self, error: Exception, *, is_new: bool) -> None:
        if isinstance(error, StoreError):
            _say_of_store(self._who, error)
        else:
            text = str(error)[:MOST_TEXT]
            log.error("failed and is tried again", who=self._who, error=text, exc_info=error if is_new else None)


class Telling:
    """Says in the log how the store fails, each kind as seldom as the failure says. Safe for threads."""

    def __init__(self, who: str) -> None:
        self._who = who
        self._lock = threading.Lock()
        self._said: dict[str, float] = {}
        self._since: dict[str, int] = {}

    def failed(self, error: StoreError) -> None:
        """One more caller has met this."""
        now, kind = monotonic(), error.kind
        with self._lock:
            if now - self._said.get(kind, float("-inf")) < error.say_every:
                self._since[kind] = self._since.get(kind, 0) + 1
                return
            self._said[kind] = now
            unsaid = self._since.pop(kind, 0)
        _say_of_store(self._who, error, **({"times": unsaid + 1} if unsaid else {}))


def _say_of_store(who: str, error: StoreError, **more: int) -> None:
    text = str(error)[:MOST_TEXT]
    if error.transient:
        log.warning("the store is away", who=who, kind=error.kind, error=text, **more)
    else:
        log.error("the store refuses", who=who, kind=error.kind, error=text, **more)
