"""Bulk operations: asked for with the count first, followed, aborted, remembered."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobs.access.pages import PersonRequest, demand, needs
from jobs.api.answers import OperationView
from jobs.api.problems import Problem
from jobs.api.routes import operations as routes
from jobs.api.routes import queues
from jobs.api.starting import RIGHT_OF
from jobs.clock import to_instant_ms
from jobs.rights import Right
from jobs.store.operation import Action, Status
from monitoring import store_clock
from monitoring.aftermath import aftermath_of, left_ms
from monitoring.asking import act, ask, show_problem, words_of
from monitoring.bulk_form import RIGHTS, BulkForm, criteria_of
from monitoring.error_names import Names, fingerprints_in, names_of
from monitoring.pages import is_part, show

PAGE: Final = 25
REFRESH_MS: Final = 1000
SETTLING_MS: Final = 3000  # after a retry, while its jobs may still run
SETTLES_MS: Final = 900_000
CALM_MS: Final = 3000  # while none of those listed goes on
RATES: Final = (10, 50, 100, 500)


@require_safe
@needs(Right.VIEW)
async def operations(request: PersonRequest) -> HttpResponse:
    """Running and past operations, latest first; htmx gets the list alone."""
    query = QueryDict(mutable=True)
    query["limit"] = str(PAGE)
    if request.GET.get("cursor"):
        query["cursor"] = request.GET["cursor"]
    try:
        page = await ask(request, routes.list_operations, query=query)
    except Problem as problem:
        return await show_problem(request, problem)
    try:
        names = await names_of(request, (each for found in page.items for each in fingerprints_in(found.filter)))
    except Problem:  # the rows have names of their own
        names = {}
    rows = [_told(request, each, names) for each in page.items]
    refresh_ms = CALM_MS if all(row["is_over"] for row in rows) else REFRESH_MS
    context = {"page": page, "rows": rows, "is_first": "cursor" not in query, "refresh_ms": refresh_ms}
    name = "list" if is_part(request, "operations") else "all"
    return await show(request, f"monitoring/operations/{name}.html", context)


@require_safe
@needs(Right.VIEW)
async def operation(request: PersonRequest, operation_id: str) -> HttpResponse:
    """How far one is; with `?part=live` only what changes."""
    try:
        found: OperationView = await ask(request, routes.get_operation, {"operation_id": operation_id})
        names = await names_of(request, fingerprints_in(found.filter))
    except Problem as problem:
        return await show_problem(request, problem)
    name = "live" if request.GET.get("part") == "live" else "page"
    return await show(request, f"monitoring/operations/{name}.html", _told(request, found, names))


@require_POST
@needs(Right.VIEW)
async def abort(request: PersonRequest, operation_id: str) -> HttpResponse:
    """End one; what it has done stays done."""
    await act(request, "The operation ends.", routes.abort_operation, {"operation_id": operation_id}, body={})
    return redirect("operation", operation_id)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.VIEW)
async def new(request: PersonRequest) -> HttpResponse:
    """Ask before starting one: which jobs and how many, how fast, why. Lists come here with a filter or with ids."""
    form = BulkForm.read(request.POST if request.method == "POST" else request.GET)
    if form is None:
        messages.error(request, "Choose what to do with the jobs.")
        return redirect("operations")
    demand(request.principal, form.right)
    return await _asked(request, form)


@require_POST
@needs(Right.VIEW)
async def start(request: PersonRequest) -> HttpResponse:
    """Start one, once however often the button is pressed, and show how it goes."""
    form = BulkForm.read(request.POST)
    if form is None:
        if not any(map(request.principal.may, RIGHTS.values())):
            raise PermissionDenied("You lack the right to act on jobs.")
        return redirect("operations")
    try:
        started = await ask(request, form.start, body=form.body(), idempotency_key=form.key)
    except Problem as problem:
        if problem.status == 403:
            raise PermissionDenied(words_of(problem)) from problem
        return await _asked(request, form, words_of(problem), status=problem.status)
    return redirect("operation", started.operation_id)


async def _asked(request: PersonRequest, form: BulkForm, refusal: str = "", status: int = 200) -> HttpResponse:
    preview, queue_names, criteria = None, [], criteria_of({} if form.filter.get("jobIds") else form.filter)
    try:
        preview = await ask(request, form.preview, body={**form.body(), "ratePerSecond": None, "reason": ""})
        queue_names = [line.name for line in (await ask(request, queues.list_queues)).items]
        if criteria:
            criteria = criteria_of(form.filter, await names_of(request, fingerprints_in(form.filter)))
    except Problem as problem:
        refusal, status = refusal or words_of(problem), status if refusal else problem.status
    context = {"form": form, "preview": preview, "refusal": refusal, "rates": RATES}
    context |= {"queue_names": queue_names, "criteria": criteria}
    return await show(request, "monitoring/operations/new.html", context, status=status)


def _told(request: PersonRequest, found: OperationView, names: Names) -> dict[str, Any]:
    """An operation with what its templates need; `names` are those of errors that are there now."""
    is_over = Status(found.status).is_over
    acted = found.done + found.failed
    given = found.filter.get("jobIdCount")
    breadth = given or found.total
    wanted = {name: value for name, value in found.filter.items() if name != "jobIdCount"}
    return {
        "operation": found,
        "is_over": is_over,
        "percent": round(100 * acted / breadth) if breadth else 100 if is_over else 0,
        "acted": acted,
        "criteria": criteria_of(wanted, {each.fingerprint: each for each in found.errors} | dict(names)),
        "given": given,
        "after": aftermath_of(found),
        "left_ms": left_ms(found, store_clock.now_ms()),
        "refresh_ms": REFRESH_MS if not is_over else SETTLING_MS if _is_settling(found) else None,
        "may_abort": not is_over and request.principal.may(RIGHT_OF[Action(found.action)]),
    }


def _is_settling(found: OperationView) -> bool:
    """Whether what became of the jobs of a retry that has just ended may still change."""
    if found.action != "retry" or not found.finished_at:
        return False
    return store_clock.now_ms() - to_instant_ms(datetime.fromisoformat(found.finished_at)) < SETTLES_MS
