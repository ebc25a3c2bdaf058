"""The breaker before a store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from jobs.circuit import Breaker, BreakerState, BreakerView, Terms
from jobs.conf import Config
from jobs.errors import StoreUnavailable
from jobs.logs import get_logger

if TYPE_CHECKING:
    from .store import Store

LEAST_PROBE_SECONDS: Final = 1.0
_log = get_logger(__name__)


def server_name(at: int) -> str:
    """What the breaker before server number `at` is called."""
    return f"store:{at}" if at else "store"


def store_breaker(config: Config, name: str = "store", *, timeout: float = 5.0) -> Breaker:
    """A breaker as the configuration has it. One a client: each process, and each duty, finds out for itself.

    `timeout` in seconds bounds connecting, greeting and answering, each: a probe that has not ended after all three has
    been lost with its thread.
    """
    terms = Terms(
        failures=config.breaker_failures,
        open_seconds=config.breaker_open_seconds,
        longest_seconds=max(config.breaker_longest_seconds, config.breaker_open_seconds),
        probes=config.breaker_probes,
        probe_seconds=max(3 * timeout, LEAST_PROBE_SECONDS),
    )
    return Breaker(name, terms, tell=_say)


def shut(parts: Sequence[Store]) -> list[int]:
    """The numbers of those partitions, of several, whose server is known to be away."""
    if len(parts) == 1:
        return []
    return [at for at, part in enumerate(parts) if part.is_absent or part.client.breaker.is_shut]


def demand(breaker: Breaker) -> int:
    """Begin a call, in which turn of the breaker. Raises StoreUnavailable where that lets none through."""
    wait = breaker.admit()
    if wait:
        why = breaker.view().why
        failure = StoreUnavailable(f"it is not asked for a moment, after: {why}", "breaker_open")
        failure.retry_after = wait
        raise failure
    return breaker.turn


def _say(view: BreakerView) -> None:
    where = {} if view.name == "store" else {"breaker": view.name}
    if view.state is BreakerState.CLOSED:
        _log.warning("the store is asked as usual again", away=round(view.away, 1), **where)
    else:
        _log.warning("the store is asked now and then only", error=view.why, **where)
