"""Queues and job types: what waits where and why, pausing, resuming, purging."""

from __future__ import annotations

import secrets
from typing import Final

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobs.access.pages import PersonRequest, needs
from jobs.api.gateway import get_gateway
from jobs.api.problems import Problem, problem_of
from jobs.api.routes import queues as queue_routes
from jobs.api.routes import types as type_routes
from jobs.errors import StoreError
from jobs.inspection.figures import TypeLine
from jobs.rights import Right
from jobs.store.partitions.rest import of_the_rest
from monitoring import frame
from monitoring.asking import act, ask, back, show_problem
from monitoring.chart_cards import card_figures, wanted_range
from monitoring.excerpt import Names, excerpt
from monitoring.history import RANGES
from monitoring.look import look_at
from monitoring.pages import is_part, show
from monitoring.templatetags.frame import address

TYPES: Final = Names("type", "types")


@require_safe
@needs(Right.VIEW)
async def queues(request: PersonRequest) -> HttpResponse:
    """Queues, those whose oldest job waits longest first, and job types, a page each; htmx gets the queues alone."""
    try:
        look = await get_gateway().run(of_the_rest(look_at))
        frame.keep(frame.Frame.of(look))
        context = {
            "queues": excerpt(look.rows, request.GET, lambda row: row.queue.name),
            "may_pause": request.principal.may(Right.PAUSE),
            "may_purge": request.principal.may(Right.PURGE),
        }
        if is_part(request, "queues"):
            return await show(request, "monitoring/queues/list.html", context)
        types = sorted((await ask(request, type_routes.list_types)).items, key=_urgency)
    except StoreError as error:
        return await show_problem(request, problem_of(error))
    except Problem as problem:
        return await show_problem(request, problem)
    context["types"] = excerpt(types, request.GET, lambda line: line.type, TYPES, "#types")
    return await show(request, "monitoring/queues/page.html", context)


@require_safe
@needs(Right.VIEW)
async def queue(request: PersonRequest, name: str) -> HttpResponse:
    """One queue: its figures and its charts; htmx gets the figures alone."""
    try:
        look = await get_gateway().run(of_the_rest(look_at))
        frame.keep(frame.Frame.of(look))
        row = next((row for row in look.rows if row.queue.name == name), None)
        if row is None:
            return await show_problem(request, Problem(404, "not_found", "There is no such queue."))
        context = {
            "row": row,
            "queue": row.queue,
            "range": wanted_range(request.GET.get("range", "")),
            "ranges": list(RANGES),
            "goal_ms": get_gateway().config.latency_goal_ms,
            "may_pause": request.principal.may(Right.PAUSE),
            "may_purge": request.principal.may(Right.PURGE),
        }
        if is_part(request, "queue"):
            return await show(request, "monitoring/queues/figures.html", context)
        cards = await get_gateway().run(lambda store: card_figures(store, look.figures.now_ms, name))
    except StoreError as error:
        return await show_problem(request, problem_of(error))
    return await show(request, "monitoring/queues/queue.html", context | {"cards": cards})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.PURGE)
async def purge(request: PersonRequest, name: str) -> HttpResponse:
    """Delete what waits in a queue; GET asks first, with the count."""
    if request.method == "POST":
        body = {"reason": request.POST.get("reason", "").strip()}
        key = request.POST.get("key", "")
        done = f"{name} is being purged."
        is_done, started = await act(
            request, done, queue_routes.purge_queue, {"name": name}, body=body, idempotency_key=key
        )
        return redirect("operation", started.operation_id) if is_done else redirect("queues")
    try:
        lines = (await ask(request, queue_routes.list_queues)).items
    except Problem as problem:
        return await show_problem(request, problem)
    line = next((line for line in lines if line.name == name), None)
    if line is None:
        return await show_problem(request, Problem(404, "not_found", "There is no such queue."))
    waiting = line.pending + line.scheduled + line.retrying
    context = {"queue": line, "waiting": waiting, "key": secrets.token_hex(8)}
    return await show(request, "monitoring/queues/purge.html", context)


@require_POST
@needs(Right.PAUSE)
async def pause_type(request: PersonRequest, job_type: str) -> HttpResponse:
    """Stop claims of a job type."""
    undo, names = address("resume-type", job_type), {"job_type": job_type}
    await act(request, f"Paused jobs of type {job_type}.", type_routes.pause_type, names, body={}, undo=undo)
    return back(request, "queues")


@require_POST
@needs(Right.PAUSE)
async def resume_type(request: PersonRequest, job_type: str) -> HttpResponse:
    """Let workers claim a job type again."""
    undo, names = address("pause-type", job_type), {"job_type": job_type}
    await act(request, f"Resumed jobs of type {job_type}.", type_routes.resume_type, names, body={}, undo=undo)
    return back(request, "queues")


def _urgency(line: TypeLine) -> tuple[int, str]:
    """Types that are paused come first, then those that nobody serves, then those that wait for something."""
    return (0 if line.paused else 1 if not line.workers else 2 if line.waiting_for else 3, line.type)
