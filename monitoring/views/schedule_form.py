"""Schedules by hand: new ones, changes, what an expression means while it is typed, deletion."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from jobs.access.pages import PersonRequest, needs
from jobs.api.problems import Problem
from jobs.clock import isoformat
from jobs.rights import Right
from jobs.types import Priority
from monitoring import store_clock
from monitoring.asking import act, ask, in_words, show_problem, words_of
from monitoring.enqueue_form import by_field
from monitoring.pages import show
from monitoring.schedule_form import FIELDS, ScheduleForm
from monitoring.schedule_words import CRONS, MISSES, OVERLAPS
from monitoring.suggestions import all_suggestions
from schedules import cron
from schedules.api import routes
from schedules.api.answers import ScheduleView

PREVIEWED: Final = 5  # ticks
PRIORITIES: Final = (("", "the handler's own"), *((each.label, each.label) for each in Priority))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.ADMINISTER)
async def new(request: PersonRequest) -> HttpResponse:
    """The form; sent, it makes a schedule and shows it. What is refused is said at its field."""
    if request.method != "POST":
        return await _asked(request, ScheduleForm.first(request.GET))
    form = ScheduleForm.read(request.POST)
    if "look" in request.POST:
        return await _asked(request, form)
    if wrong := form.wrong_json():
        return await _asked(request, form, {"payload": wrong}, status=422)
    try:
        made = await ask(request, routes.create_schedule, body=form.new())
    except Problem as problem:
        return await _refused(request, form, problem)
    messages.success(request, f"{made.name} is on.")
    return redirect("schedule", made.name)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.ADMINISTER)
async def edit(request: PersonRequest, name: str) -> HttpResponse:
    """The same for a schedule that there is; one that was changed meanwhile is not overwritten unseen."""
    try:
        before: ScheduleView = await ask(request, routes.get_schedule, {"name": name})
    except Problem as problem:
        return await show_problem(request, problem)
    if request.method != "POST":
        return await _asked(request, ScheduleForm.of(before), before=before)
    form = ScheduleForm.read(request.POST)
    if "look" in request.POST:
        return await _asked(request, form, before=before)
    with_payload = request.principal.may(Right.EDIT_PAYLOAD)
    if with_payload and (wrong := form.wrong_json()):
        return await _asked(request, form, {"payload": wrong}, before=before, status=422)
    body = form.change(before, with_payload=with_payload)
    try:
        await ask(request, routes.change_schedule, {"name": name}, body=body)
    except Problem as problem:
        return await _refused(request, form, problem, before)
    messages.success(request, f"Saved {name}.")
    return redirect("schedule", name)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.ADMINISTER)
async def delete(request: PersonRequest, name: str) -> HttpResponse:
    """Delete a schedule; GET asks first, with its name."""
    if request.method == "POST":
        query = QueryDict(mutable=True)
        query["reason"] = request.POST.get("reason", "").strip()
        is_done, _ = await act(request, f"Deleted {name}.", routes.delete_schedule, {"name": name}, query=query)
        return redirect("schedules") if is_done else redirect("schedule", name)
    try:
        schedule = await ask(request, routes.get_schedule, {"name": name})
    except Problem as problem:
        return await show_problem(request, problem)
    return await show(request, "monitoring/schedules/delete.html", {"schedule": schedule})


@require_safe
@needs(Right.VIEW)
async def preview(request: PersonRequest) -> HttpResponse:
    """GET ?cron=…&timeZone=…: what it means, for the form."""
    found = await _previewed(request, request.GET.get("cron", "").strip(), request.GET.get("timeZone", "").strip())
    context = {"preview": found, "now": isoformat(store_clock.now_ms())}
    return await show(request, "monitoring/schedules/preview.html", context)


async def _previewed(request: PersonRequest, cron: str, zone: str) -> dict[str, Any]:
    """The words and the next ticks of an expression, or under `error` why there are none; nothing for no expression."""
    if not cron:
        return {}
    body = {"cron": cron, "timeZone": zone or "UTC", "count": PREVIEWED}
    try:
        found = await ask(request, routes.preview_schedule, body=body)
    except Problem as problem:
        said = [in_words(error.message) for error in problem.fields]
        return {"error": f"{said[0][:1].upper()}{said[0][1:]}" if said else words_of(problem)}
    return {"explained": found.explained, "ticks": found.ticks, "time_zone": body["timeZone"]}


async def _refused(
    request: PersonRequest, form: ScheduleForm, problem: Problem, before: ScheduleView | None = None
) -> HttpResponse:
    if problem.status == 403:
        raise PermissionDenied(words_of(problem)) from problem
    errors = by_field(problem.fields, FIELDS) if problem.fields else {"": words_of(problem)}
    if before is not None and problem.status == 409 and form.version != before.version:
        others = form.others(before)
        form = ScheduleForm(form.values, before.version)
        return await _asked(request, form, {}, before=before, status=409, others=others)
    if before is None and problem.status == 409 and not problem.fields:
        errors = {"name": words_of(problem)}
    return await _asked(request, form, errors, before=before, status=problem.status)


async def _asked(
    request: PersonRequest,
    form: ScheduleForm,
    errors: dict[str, str] | None = None,
    *,
    before: ScheduleView | None = None,
    status: int = 200,
    others: dict[str, str] | None = None,
) -> HttpResponse:
    errors = errors or {}
    context = {
        "editing": before.name if before else "",
        "values": form.values,
        "version": form.version,
        "errors": errors,
        "refusal": errors.get("", ""),
        "is_stale": others is not None,
        "others": others,
        "is_open": form.is_opened_up or bool({"maxRetries", "timeout", "tags"} & errors.keys()),
        "hides_payload": before is not None and not request.principal.may(Right.EDIT_PAYLOAD),
        "crons": CRONS,
        "zones": _zones(),
        "overlaps": [(value, words) for value, (words, _) in OVERLAPS.items()],
        "misses": [(value, words) for value, (words, _) in MISSES.items()],
        "priorities": PRIORITIES,
        "suggestions": await all_suggestions(request),
        "preview": await _previewed(request, form.values["cron"], form.values["timeZone"]),
        "now": isoformat(store_clock.now_ms()),
    }
    return await show(request, "monitoring/schedules/form.html", context, status=status)


@cache
def _zones() -> list[str]:
    return sorted(cron.zones())
