"""Simulations: replaying a load against strategies, before one of them is trusted with a pool."""

from __future__ import annotations

from typing import Any

import msgspec
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobs.access.pages import PersonRequest, needs
from jobs.api.problems import Problem
from jobs.rights import Right
from monitoring.asking import act, ask, show_problem, words_of
from monitoring.pages import is_part, show
from monitoring.scaling_curves import curve_cards, curve_document, drawn, holds
from monitoring.simulate_form import SOURCES, SimulateForm, told_by_field
from scaling.api import routes
from scaling.api import simulate as simulate_routes
from scaling.simulator.presets import choices


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.ADMINISTER)
async def simulate(request: PersonRequest, name: str) -> HttpResponse:
    """The form; sent, it starts a simulation and shows it. What is refused is said at its field."""
    try:
        pool = await ask(request, routes.get_scaling, {"pool": name})
    except Problem as problem:
        return await show_problem(request, problem)
    if request.method != "POST":
        return await _asked(request, pool, SimulateForm.first(pool.policy.strategy))
    form = SimulateForm.read(request.POST, request.FILES.get("file"))
    try:
        started = await ask(request, simulate_routes.start_simulation, {"pool": name}, body=form.body())
    except Problem as problem:
        if problem.status == 403:
            raise PermissionDenied(words_of(problem)) from problem
        errors = told_by_field(problem.fields) if problem.fields else {"": words_of(problem)}
        return await _asked(request, pool, form, errors, status=problem.status)
    return redirect("simulation", name, started.id)


@require_safe
@needs(Right.VIEW)
async def simulation(request: PersonRequest, name: str, simulation_id: str) -> HttpResponse:
    """How far a simulation is, and what came of it; htmx gets the part that moves while it runs."""
    names = {"pool": name, "simulation_id": simulation_id}
    try:
        pool = await ask(request, routes.get_scaling, {"pool": name})
        found = await ask(request, simulate_routes.get_simulation, names)
    except Problem as problem:
        return await show_problem(request, problem)
    context = {
        "pool": pool,
        "simulation": found,
        "may_abort": request.principal.may(Right.ADMINISTER),
    }
    if is_part(request, "progress"):
        if found.status != "running":
            return HttpResponse(headers={"HX-Refresh": "true"})
        return await show(request, "monitoring/scaling/progress.html", context)
    chosen = drawn(found, request.GET.getlist("show"), pool.policy.strategy)
    rows = [(row, row.strategy in chosen, holds(row, pool.policy.goal_share)) for row in found.results or []]
    context |= {"rows": rows, "cards": curve_cards(found, chosen), "query": request.GET.urlencode()}
    return await show(request, "monitoring/scaling/simulation.html", context)


@require_safe
@needs(Right.VIEW)
async def curves_json(request: PersonRequest, name: str, simulation_id: str) -> HttpResponse:
    """GET ?show=latency_target&show=hpa: the data of the charts of a simulation."""
    names = {"pool": name, "simulation_id": simulation_id}
    try:
        pool = await ask(request, routes.get_scaling, {"pool": name})
        found = await ask(request, simulate_routes.get_simulation, names)
        document: Any = curve_document(found, drawn(found, request.GET.getlist("show"), pool.policy.strategy))
        status = 200
    except Problem as problem:
        document, status = {"status": problem.status, "detail": problem.detail}, problem.status
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(msgspec.json.encode(document), status=status, content_type="application/json", headers=headers)


@require_POST
@needs(Right.ADMINISTER)
async def abort(request: PersonRequest, name: str, simulation_id: str) -> HttpResponse:
    """End a simulation."""
    names = {"pool": name, "simulation_id": simulation_id}
    await act(request, "The simulation ends within seconds.", simulate_routes.abort_simulation, names)
    return redirect(reverse("simulation", args=[name, simulation_id]))


async def _asked(
    request: PersonRequest, pool: Any, form: SimulateForm, errors: dict[str, str] | None = None, *, status: int = 200
) -> HttpResponse:
    errors, past, trouble = errors or {}, None, ""
    try:
        past = await ask(request, simulate_routes.list_simulations, {"pool": pool.pool})
    except Problem as problem:
        trouble = words_of(problem)
    names = dict.fromkeys((pool.policy.strategy, *choices()))
    context = {
        "pool": pool,
        "values": form.values,
        "choices": [(name, name in form.strategies) for name in names],
        "sources": SOURCES,
        "errors": errors,
        "refusal": errors.get("", ""),
        "past": past,
        "past_trouble": trouble,
    }
    return await show(request, "monitoring/scaling/simulate.html", context, status=status)
