"""Examples of what goes out of a look at a pool, for the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

from scaling.decision import decide
from scaling.models import ScalingPolicy
from scaling.observation import Observation, Rates
from scaling.record import Record, Step

from .looks import ChangeView, PoolHistory, Proposals, ProposalView, SightView

_MADE: Final = "2026-03-01T08:00:00.000Z"
_RATES: Final = Rates(12.5, 12.1, 11.8)
_SEEN: Final = Observation(
    at=1_772_352_000.0, workers=1, slots=5, waiting=4908, active=5, oldest_age=12.4, arrivals=_RATES, service_time=0.21
)
_CHANGE: Final = ChangeView(
    id=7,
    at=_MADE,
    last_at=_MADE,
    action="scale_up",
    current=1,
    target=10,
    reason="4908 jobs wait, more than 50: 98 more. The pool may have at most 10.",
    dry_run=False,
)
_ANSWER: Final = ("default", "Default", decide(ScalingPolicy(strategy="default").plain(), _SEEN, Record()))
ANSWERS: Final[dict[Any, Any]] = {
    PoolHistory: PoolHistory(
        pool="default",
        start=_MADE,
        step=10_000,
        desired=[1, 10],
        current=[1, 4],
        queued=[4908, 4100],
        running=[5, 20],
        due=[0, 0],
        latency=[1200, 8400],
        within_goal=0.997,
        changes=[_CHANGE],
        peak=_CHANGE,
    ),
    Proposals: Proposals(
        pool="default",
        seen=SightView.of(Step(_SEEN, 99, 10), 1_772_352_003_000),
        items=[ProposalView.of("default", _ANSWER, None)],
    ),
}
