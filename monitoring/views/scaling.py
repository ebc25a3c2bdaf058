"""Scaling: the pools, and one pool: how many workers it has, why, and what else could be done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.views.decorators.http import require_safe

from jobs.access.pages import PersonRequest, needs
from jobs.api.gateway import get_gateway
from jobs.api.problems import Problem
from jobs.rights import Right
from monitoring.asking import ask, show_problem
from monitoring.pages import is_part, show, show_json
from monitoring.scaling_charts import DEFAULT_RANGE, RANGES, SPOKEN, cards_of, document_of, fitting, range_in
from monitoring.scaling_words import (
    BY_ORDER,
    DISOBEYS,
    GUARDS,
    ORDERED,
    besides,
    differences,
    is_fresh,
    is_held,
    is_silent,
    trouble_word,
)
from scaling.api import history as history_routes
from scaling.api import proposals as proposal_routes
from scaling.api import routes
from scaling.api.answers import PoolScaling
from scaling.models.actuator_name import ActuatorName

PAGE: Final = 20  # decisions
PARTS: Final = ("now", "sights", "changes", "decisions")
FOR: Final = (
    ("900000", "15 min"), ("3600000", "1 h"), ("14400000", "4 h"), ("86400000", "24 h"), ("", "until it is ended"),
)  # fmt: skip


@require_safe
@needs(Right.VIEW)
async def pool(request: PersonRequest, name: str) -> HttpResponse:
    """One pool; htmx gets one of its parts."""
    part = next((each for each in PARTS if is_part(request, each)), "")
    try:
        context = await _context(request, name, part)
    except Problem as problem:
        return await show_problem(request, problem)
    return await show(request, f"monitoring/scaling/{part or 'pool'}.html", context)


@require_safe
@needs(Right.VIEW)
async def charts_json(request: PersonRequest, name: str) -> HttpResponse:
    """GET ?range=24h: the data of the charts of a pool."""
    span = range_in(request.GET.get("range", ""))
    try:
        found = document_of(await _history(request, name, span), span)
    except Problem as problem:
        return show_json(problem.status, {"status": problem.status, "detail": problem.detail})
    return show_json(200, found)


async def _context(request: PersonRequest, name: str, part: str) -> dict[str, Any]:
    """What the page shows, or one part of it. Raises Problem."""
    found = await ask(request, routes.get_scaling, {"pool": name})
    context: dict[str, Any] = {"pool": found, "policy": found.policy}
    if part in ("", "now", "sights"):
        proposals = await ask(request, proposal_routes.list_proposals, {"pool": name})
        context |= {"proposals": proposals, "seen": proposals.seen, "is_fresh": is_fresh(proposals.seen, found.policy)}
    if part in ("", "now", "changes"):
        context |= await _moved(request, name)
    if part in ("", "now"):
        context |= _stands(request, found, context)
    if part in ("", "decisions"):
        context |= await _decided(request, name)
    if not part:
        config = get_gateway().config
        context |= {"differences": differences(found.policy, name, config), "goal_ms": found.policy.wait_goal}
        context["looks_at_depth"] = found.policy.strategy not in ("latency_target", "ml")
        context["may_administer"] = request.principal.may(Right.ADMINISTER)
    return context


def _stands(request: PersonRequest, found: PoolScaling, context: Mapping[str, Any]) -> dict[str, Any]:
    """How a pool stands, with what is known of its history."""
    policy = found.policy
    is_ours = not policy.dry_run and policy.actuator != ActuatorName.NONE
    silent = policy.enabled and is_silent(found)
    return {
        "may_scale": is_ours and request.principal.may(Right.SCALE),
        "durations": FOR,
        "disobeys": policy.actuator == ActuatorName.LOCAL and trouble_word(found) == DISOBEYS,
        "by_order": BY_ORDER,
        "is_silent": silent,
        "is_well": policy.enabled and not (found.trouble or found.holds_goal is False or silent or is_held(found)),
        "told_besides": besides(found.last_decision, context["history"], context["spoken"]),
    }


async def _moved(request: PersonRequest, name: str) -> dict[str, Any]:
    wanted = request.GET.get("range", "")
    span = range_in(wanted)
    history = await _history(request, name, span)
    if not wanted and (best := fitting(history)) != DEFAULT_RANGE:
        span, history = best, await _history(request, name, best)
    ranges = {"range": span, "ranges": RANGES, "spoken": SPOKEN[span]}
    return {"history": history, "cards": cards_of(history), "shown": history.changes, **ranges}


async def _decided(request: PersonRequest, name: str) -> dict[str, Any]:
    """A page of the decisions that an address asks for."""
    chosen = {"changed": request.GET.get("changed", ""), "guard": request.GET.get("guard", "")}
    wanted = {key: value for key, value in chosen.items() if value and (key != "guard" or value in GUARDS)}
    query = QueryDict(mutable=True)
    query.update({**wanted, "limit": str(PAGE)})
    if "changed" in query:
        query["changed"] = "true"
    if cursor := request.GET.get("cursor"):
        query["cursor"] = cursor
    page = await ask(request, routes.list_decisions, {"pool": name}, query=query)
    kept = {"range": request.GET["range"]} if "range" in request.GET else {}
    return {
        "decisions": page.items,
        "older": _address(wanted | kept, cursor=page.next_cursor) if page.next_cursor else "",
        "latest": _address(wanted | kept),
        "is_first": not cursor,
        "is_filtered": bool(wanted),
        "chosen": wanted,
        "kept": kept,
        "ordered": ORDERED,
        "guards": sorted(GUARDS.items(), key=lambda pair: pair[1]),
        "exported": urlencode({"pool": name, **wanted}),
    }


async def _history(request: PersonRequest, name: str, span: str) -> Any:
    query = QueryDict(mutable=True)
    query["range"] = span
    return await ask(request, history_routes.get_scaling_history, {"pool": name}, query=query)


def _address(pairs: Mapping[str, str], **more: str) -> str:
    return f"?{urlencode({**pairs, **more})}#decisions"
