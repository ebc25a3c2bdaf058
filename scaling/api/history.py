"""What became of a pool over time, for charts: an endpoint."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import Annotated, Final, Literal

from jobs.api.bodies.base import Body
from jobs.api.call import Call, NoBody
from jobs.api.examples import learn
from jobs.api.routes.endpoints import endpoints
from jobs.clock import isoformat, to_datetime
from jobs.inspection.wire import about
from jobs.rights import Right
from jobs.store import histogram
from jobs.trail.connection import borrowed
from scaling.decision import Action
from scaling.models import ScalingDecision

from .look_examples import ANSWERS
from .looks import ChangeView, PoolHistory
from .pools import known
from .timeline import SPANS, Point, timeline

MOST_CHANGES: Final = 100
CHANGES: Final = (Action.SCALE_UP.value, Action.SCALE_DOWN.value)
learn({}, ANSWERS)


class HistoryQuery(Body, frozen=True):
    """Which part of the history."""

    range: Annotated[Literal["1h", "6h", "24h", "7d"], about("How far it goes back")] = "1h"


@endpoints.get("/scaling/{pool}/history", Right.VIEW, query=HistoryQuery, answers={200: PoolHistory})
def get_scaling_history(call: Call[NoBody, HistoryQuery], pool: str) -> PoolHistory:
    """Show how workers, load and latency of a pool moved, and what was decided.

    At most 400 points. Load and latency are those of the queues that the pool serves, and of all of them where nobody
    has recorded which those are.
    """
    policy, span = known(call, pool), SPANS[call.query.range]
    found = timeline(call.store, pool, span)
    changes, peak = _changes(pool, to_datetime(found.times[0] * 1000))
    return PoolHistory(
        pool=pool,
        start=isoformat(found.times[0] * 1000),
        step=span.step * 1000,
        **{name: list(map(attrgetter(name), found.points)) for name in Point.__struct_fields__},
        within_goal=histogram.share_within(found.waits, policy.wait_goal * 1000),
        changes=[ChangeView.of(row, call.redactor) for row in changes],
        peak=ChangeView.of(peak, call.redactor) if peak else None,
    )


def _changes(pool: str, since: datetime) -> tuple[list[ScalingDecision], ScalingDecision | None]:
    with borrowed() as using:
        rows = ScalingDecision.objects.using(using).filter(pool=pool, at__gte=since, action__in=CHANGES).defer("inputs")
        grown = rows.filter(action=Action.SCALE_UP.value).order_by("-target", "-at", "-id")
        return list(rows.order_by("-at", "-id")[:MOST_CHANGES]), grown.first()
