"""The same breaker for what handlers depend on: `breaker("stripe").call(charge, …)`.

While it is open the call raises `DependencyOpen`, which is a Snooze: the job runs again later, and no attempt is spent.
Each process counts for itself.
"""

from __future__ import annotations

import asyncio
import os
import random
import threading
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Final, ParamSpec, TypeVar
from weakref import WeakValueDictionary

from jobs.errors import FlowSignal, Snooze
from jobs.interrupts import CancelRequested, TimeLimitReached
from jobs.logs import get_logger

from .breaker import Breaker, BreakerState, BreakerView, Terms

P = ParamSpec("P")
T = TypeVar("T")
LEAST_SNOOZE: Final = 0.5  # seconds
MOST_KNOWN: Final = 1000
_log = get_logger(__name__)


class DependencyOpen(Snooze):
    """What a call raises while the breaker of `dependency` lets none through. In a job: runs again in `seconds`."""

    def __init__(self, dependency: str, seconds: float) -> None:
        super().__init__(seconds, f"waiting for {dependency}")
        self.dependency = dependency


class Dependency:
    """A named thing that may be away, with the breaker before it. Safe for threads; also for `with` and `async with`.

    Any Exception counts as a failure, and so does the end of the job's time. Neither an answer nor a failure is one of
    `ignore` (which says nothing of the dependency: an amount that is no number), a flow signal (Retry, Snooze, Discard,
    another dependency that is away), or the end of a job for another reason (it was cancelled, its worker ends).
    """

    def __init__(self, name: str, terms: Terms | None = None, ignore: tuple[type[Exception], ...] = ()) -> None:
        self.name = name
        self.breaker = Breaker(name, terms, tell=_say)
        self._terms = terms
        self._ignored = ignore

    def agree(self, terms: Terms | None, ignore: tuple[type[Exception], ...]) -> None:
        """Take what is said of it where nothing was said before. Raises ValueError where something else was."""
        if terms and self._terms and terms != self._terms:
            raise ValueError(f"the breaker {self.name!r} has other terms already: {self._terms}")
        if ignore and self._ignored and set(ignore) != set(self._ignored):
            names = ", ".join(sorted(kind.__name__ for kind in self._ignored))
            raise ValueError(f"the breaker {self.name!r} ignores something else already: {names}")
        if terms and not self._terms:
            self._terms = self.breaker.terms = terms
        self._ignored = self._ignored or ignore

    def call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """The function's answer. Raises what it raises, and DependencyOpen."""
        with self:
            return function(*args, **kwargs)

    async def acall(self, function: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for a coroutine function."""
        with self:
            return await function(*args, **kwargs)

    def __enter__(self) -> None:
        wait = self.breaker.admit()
        if wait:
            raise DependencyOpen(self.name, max(wait, LEAST_SNOOZE) * random.uniform(1.0, 1.5))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if error is None:
            self.breaker.succeeded()
        elif isinstance(error, (*self._ignored, FlowSignal)):
            self.breaker.ended()
        elif isinstance(error, Exception):
            self.breaker.failed(f"{type(error).__name__}: {error}"[:200])
        elif _is_late(error):
            self.breaker.failed(type(error).__name__)
        else:
            self.breaker.ended()


_known: WeakValueDictionary[str, Dependency] = WeakValueDictionary()  # while somebody holds it, a name means one
_kept: dict[str, Dependency] = {}
_lock = threading.Lock()


def breaker(name: str, *, terms: Terms | None = None, ignore: tuple[type[Exception], ...] = ()) -> Dependency:
    """This process's breaker of that name; the first call that says its terms, and what it ignores, gives them.

    Raises ValueError for a later call that says something else. At most 1,000 that nobody holds are kept: beyond, those
    of them that have no trouble are forgotten, else the first of all, and begin anew when they are named again.
    """
    found = _known.get(name)
    if found is None:
        with _lock:
            if len(_kept) >= MOST_KNOWN:
                for calm in [known for known, each in _kept.items() if not each.breaker.troubled]:
                    del _kept[calm]
                for oldest in list(_kept)[: len(_kept) - MOST_KNOWN + 1]:
                    del _kept[oldest]
            found = _known.get(name)
            if found is None:
                _known[name] = found = Dependency(name)
            _kept[name] = found
    if terms or ignore:
        found.agree(terms, ignore)
    return found


def dependencies() -> list[BreakerView]:
    """The breakers that handlers of this process have used, by name."""
    return [each.breaker.view() for each in sorted(_living(), key=lambda each: each.name)]


def _living() -> list[Dependency]:
    """All that somebody holds, though other threads come with new ones."""
    return [each for reference in _known.valuerefs() if (each := reference()) is not None]


def _is_late(error: BaseException) -> bool:
    """Whether a call was cut off because it was not answered in time."""
    if isinstance(error, asyncio.CancelledError):
        return error.args != (CancelRequested.word,)
    return isinstance(error, TimeLimitReached)


def _say(view: BreakerView) -> None:
    if view.state is BreakerState.CLOSED:
        _log.warning("a dependency answers again", dependency=view.name, away=round(view.away, 1))
    else:
        _log.warning("a dependency does not answer", dependency=view.name, error=view.why, wait=round(view.wait, 1))


def _forked() -> None:
    global _lock  # noqa: PLW0603 - a thread of the parent may have held it
    _lock = threading.Lock()
    for each in _living():
        each.breaker.forked()


os.register_at_fork(after_in_child=_forked)
