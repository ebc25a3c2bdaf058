"""What is said of the breakers before the store: in health, in the headline, and where the store is away."""

from __future__ import annotations

from jobs.api.gateway import get_gateway
from jobs.circuit import BreakerState, BreakerView
from jobs.errors import ConfigError, StoreError

UNASKED = "breaker_open"  # the kind of a failure that says no more than that the breaker is open


def of_breakers() -> str:
    """Which breakers of this process are not closed, and after what, without addresses; empty where all are."""
    return "; ".join(
        f"the breaker {view.name} is {view.state.replace('_', ' ')}{_after(_kind(view))}" for view in _troubled()
    )


def why_away(error: Exception | None = None) -> str:
    """That nobody answers, why, and whether the store is asked at all: the beginning of a sentence."""
    troubled = _troubled()
    kind = error.kind if isinstance(error, StoreError) else ""
    if kind in ("", UNASKED):
        kind = _kind(troubled[0]) if troubled else ""
    why = f" ({kind.replace('_', ' ')})" if kind else ""
    return f"The store cannot answer{why}" + ("; its circuit breaker is open" if troubled else "")


def also_open(said: str) -> str:
    """A sentence after what is said of a store that is away, with the reason unless that names it; empty where no
    breaker is open."""
    troubled = _troubled()
    if not troubled:
        return ""
    why = _after(_kind(troubled[0]))
    return f"Its circuit breaker is open{'' if why in said else why}."


def _troubled() -> list[BreakerView]:
    """Those that let not every call through."""
    try:
        breakers = get_gateway().breakers
    except ConfigError:
        return []
    views = [breaker.view() for breaker in breakers]
    return [view for view in views if view.state is not BreakerState.CLOSED]


def _kind(view: BreakerView) -> str:
    """The kind of its last failure, which is said before what the server or the system says."""
    return view.why.partition(":")[0]


def _after(kind: str) -> str:
    return f" ({kind.replace('_', ' ')})" if kind else ""
