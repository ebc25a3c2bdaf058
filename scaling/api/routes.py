"""Scaling: policies, decisions, orders."""

from __future__ import annotations

from typing import Final

from jobs import trail
from jobs.api.bodies.filters import ReasonBody, ReasonQuery
from jobs.api.call import Call, NoBody
from jobs.api.examples import learn
from jobs.api.problems import conflict, invalid_field
from jobs.api.query import Nothing
from jobs.api.routes.endpoints import endpoints
from jobs.conf import get_config
from jobs.inspection.cursors import read_cursor, write_cursor
from jobs.redaction import redactor_of
from jobs.rights import Right
from jobs.trail.connection import borrowed
from jobs.trail.reading import beyond, place_of
from scaling.models import ScalingDecision
from scaling.orders import ByHand, Paused, write

from .answers import DecisionPage, PoolList, PoolScaling, views
from .bodies import PolicyBody, ScaleBody
from .changing import change, forget
from .decisions import DecisionsQuery, OfPool
from .examples import ANSWERS, REQUESTS
from .pools import all_shown, every_pool, known, shown

SOURCE: Final = "scaling"
learn(REQUESTS, ANSWERS)


@endpoints.get("/scaling", Right.VIEW, answers={200: PoolList})
def list_scaling(call: Call[NoBody, Nothing]) -> PoolList:
    """List the pools: how each is scaled, and why it has the workers it has."""
    found, more = every_pool(call)
    return PoolList(items=all_shown(call, found), more=more)


@endpoints.get("/scaling/{pool}", Right.VIEW, answers={200: PoolScaling})
def get_scaling(call: Call[NoBody, Nothing], pool: str) -> PoolScaling:
    """Show how a pool is scaled, and why it has the workers it has."""
    return shown(call, known(call, pool))


@endpoints.put("/scaling/{pool}", Right.ADMINISTER, body=PolicyBody, answers={200: PoolScaling}, problems=(409,))
def change_scaling(call: Call[PolicyBody, Nothing], pool: str) -> PoolScaling:
    """Change the policy of a pool.

    What is left out stays as it is. The next decision is made by it. 409 when somebody else has changed it since the
    given `version`.
    """
    known(call, pool)
    return shown(call, change(call, pool))


@endpoints.delete("/scaling/{pool}", Right.ADMINISTER, query=ReasonQuery, answers={204: None}, problems=(409,))
def forget_pool(call: Call[NoBody, ReasonQuery], pool: str) -> None:
    """Forget a pool that is no more.

    With its policy, its decisions and its history. 409 while a worker or a supervisor of it lives. Should workers of
    that name come later, they are a new pool.
    """
    known(call, pool)
    forget(call, pool)


@endpoints.get("/scaling/{pool}/decisions", Right.VIEW, query=DecisionsQuery, answers={200: DecisionPage})
def list_decisions(call: Call[NoBody, DecisionsQuery], pool: str) -> DecisionPage:
    """List what was decided for a pool, latest first.

    Decisions in a row that say the same are one, with the figures of the last of them. A pool keeps its last 5,000.
    """
    known(call, pool)
    wanted, limit = OfPool.of(pool, call.query), call.query.limit
    with borrowed() as using:
        rows = ScalingDecision.objects.using(using).filter(wanted.matching()).order_by("-at", "-id")
        if call.query.cursor:
            rows = rows.filter(beyond(read_cursor(call.query.cursor, wanted)))
        found = list(rows[: limit + 1])
    last = found[limit - 1] if len(found) > limit else None
    place = place_of(SOURCE, last.at, last.pk) if last else None
    return DecisionPage(
        items=views(found[:limit], call.redactor), next_cursor=write_cursor(place, wanted) if place else None
    )


@endpoints.post("/scaling/{pool}/scale", Right.SCALE, body=ScaleBody, answers={200: PoolScaling}, problems=(409,))
def scale_pool(call: Call[ScaleBody, Nothing], pool: str) -> PoolScaling:
    """Give a pool a number of workers by hand.

    At once, and for as long as is said; then the policy decides again. Ends a pause.
    """
    policy, body = known(call, pool), call.body
    if not policy.enabled:
        raise conflict("The policy is off: nobody scales this pool, also not by hand.")
    if not policy.is_ours:
        raise conflict("The policy is a dry run, or has no actuator: this pool is not ours to scale.")
    if not policy.minimum <= body.workers <= policy.maximum:
        raise invalid_field("workers", f"the policy allows {policy.minimum} to {policy.maximum}")
    until = call.store.reader.now_ms() + body.for_ms if body.for_ms else 0
    order = ByHand(body.workers, until, call.principal.name, _masked(body.reason))
    detail = {"workers": body.workers, "forMs": body.for_ms}
    with call.recorded(trail.Action.SCALING_SCALE, pool, reason=body.reason, detail=detail):
        call.store.scaling.order(pool, {"by_hand": write(order), "paused": b""}, body.workers)
    return shown(call, policy)


@endpoints.post("/scaling/{pool}/pause", Right.SCALE, body=ReasonBody, answers={200: PoolScaling})
def pause_scaling(call: Call[ReasonBody, Nothing], pool: str) -> PoolScaling:
    """Pause the scaling of a pool.

    It stays as large as it is until somebody resumes. Ends an order by hand.
    """
    policy = known(call, pool)
    order = Paused(call.store.reader.now_ms(), call.principal.name, _masked(call.body.reason))
    with call.recorded(trail.Action.SCALING_PAUSE, pool, reason=call.body.reason):
        call.store.scaling.order(pool, {"paused": write(order), "by_hand": b""})
    return shown(call, policy)


@endpoints.post("/scaling/{pool}/resume", Right.SCALE, body=ReasonBody, answers={200: PoolScaling})
def resume_scaling(call: Call[ReasonBody, Nothing], pool: str) -> PoolScaling:
    """Let the policy of a pool decide again, after a pause or an order by hand."""
    policy = known(call, pool)
    with call.recorded(trail.Action.SCALING_RESUME, pool, reason=call.body.reason):
        call.store.scaling.order(pool, {"paused": b"", "by_hand": b""})
    return shown(call, policy)


def _masked(reason: str) -> str:
    """A reason as the trail keeps it too: values of fields that are hidden from some are masked."""
    return redactor_of(get_config().redact_fields).mask_text(reason)
