"""One schedule: its ticks past and to come, and what a person may do with it."""

from __future__ import annotations

import hashlib
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from jobs.access.pages import PersonRequest, needs
from jobs.api.bears import Bears
from jobs.api.gateway import get_gateway
from jobs.api.problems import Problem
from jobs.clock import isoformat
from jobs.rights import Right
from monitoring import store_clock
from monitoring.asking import act, ask, back, show_problem, words_of
from monitoring.json_tree import tree_of
from monitoring.overdue import trouble_with_schedules
from monitoring.pages import is_part, show
from monitoring.schedule_rows import ScheduleRow, job_states
from monitoring.schedule_words import MISSES, OVERLAPS
from schedules.api import routes
from schedules.api.answers import ScheduleView

PAGE: Final = 20  # past ticks
COMING: Final = 10
UNFINISHED: Final = "{} was not run: its jobs must not overlap, and the one before is unfinished."


@require_safe
@needs(Right.VIEW)
async def schedule(request: PersonRequest, name: str) -> HttpResponse:
    """One schedule; htmx gets all that moves, or 204 where nothing has changed since `seen`."""
    cursor, is_live = request.GET.get("cursor", ""), is_part(request, "schedule")
    query = QueryDict(mutable=True)
    query.update({"limit": str(PAGE)} | ({"cursor": cursor} if cursor else {}))
    try:
        found: ScheduleView = await ask(request, routes.get_schedule, {"name": name})
        ticks = await ask(request, routes.list_ticks, {"name": name}, query=query)
    except Problem as problem:
        return HttpResponse(status=204) if is_live else await show_problem(request, problem)
    ids = [tick.job_id for tick in (*ticks.items, *([found.last_tick] if found.last_tick else []))]
    jobs, trouble = await get_gateway().run(
        lambda store: (job_states(store, ids), trouble_with_schedules(store)), bears=Bears.ANYWHERE
    )
    row, coming = ScheduleRow.of(found, jobs), await _coming(request, found)
    seen = hashlib.sha256(msgspec.json.encode((row, ticks.items, jobs, coming, trouble))).hexdigest()[:16]
    if is_live and request.GET.get("seen") == seen:
        return HttpResponse(status=204)  # a swap would take the focus from a button
    told = {"row": row, "ticks": ticks.items, "jobs": jobs, "coming": coming, "trouble": trouble}
    places = {"cursor": cursor, "older": ticks.next_cursor, "here": _here(request.path, cursor)}
    context = _context(request, found) | told | places | {"seen": seen}
    return await show(request, f"monitoring/schedules/{'live' if is_live else 'schedule'}.html", context)


@require_POST
@needs(Right.PAUSE)
async def pause(request: PersonRequest, name: str) -> HttpResponse:
    """Let a schedule enqueue nothing by itself."""
    undo, body = reverse("resume-schedule", args=[name]), {"reason": request.POST.get("reason", "").strip()}
    await act(request, f"Paused {name}.", routes.pause_schedule, {"name": name}, body=body, undo=undo)
    return back(request, reverse("schedule", args=[name]))


@require_POST
@needs(Right.PAUSE)
async def resume(request: PersonRequest, name: str) -> HttpResponse:
    """Let it enqueue again, from now on."""
    undo, body = reverse("pause-schedule", args=[name]), {"reason": request.POST.get("reason", "").strip()}
    await act(request, f"Resumed {name}.", routes.resume_schedule, {"name": name}, body=body, undo=undo)
    return back(request, reverse("schedule", args=[name]))


@require_POST
@needs(Right.RETRY)
async def run(request: PersonRequest, name: str) -> HttpResponse:
    """Enqueue its job now, beside its ticks; the message leads to the job."""
    try:
        made = await ask(request, routes.run_schedule, {"name": name}, body={})
    except Problem as problem:
        if problem.status == 403:
            raise PermissionDenied(words_of(problem)) from problem
        holder = str(problem.members.get("jobId", ""))
        words = UNFINISHED.format(name) if problem.code == "duplicate_job" else words_of(problem)
        messages.error(request, words, extra_tags=_leading_to(holder) if holder else "")
    else:
        said = f"{name}: {made.type} is {made.status} on {made.queue}."
        messages.success(request, said, extra_tags=_leading_to(made.job_id))
    return back(request, reverse("schedule", args=[name]))


def _here(path: str, cursor: str) -> str:
    return f"{path}?{urlencode({'cursor': cursor})}" if cursor else path


def _leading_to(job_id: str) -> str:
    return f"to:{reverse('job', args=[job_id])}"


async def _coming(request: PersonRequest, found: ScheduleView) -> list[str]:
    """The next ticks; none of a schedule that nobody can read."""
    body = {"cron": found.cron, "timeZone": found.time_zone, "count": COMING}
    try:
        previewed = await ask(request, routes.preview_schedule, body=body)
    except Problem:
        return []
    return list(previewed.ticks)


def _context(request: PersonRequest, found: ScheduleView) -> dict[str, Any]:
    return {
        "schedule": found,
        "time_zone": found.time_zone,
        "payload_tree": tree_of(bytes(found.payload)) if found.payload else None,
        "overlap": OVERLAPS[found.overlap][1],
        "missed": MISSES[found.missed][1],
        "may_run": request.principal.may(Right.RETRY),
        "may_pause": request.principal.may(Right.PAUSE),
        "may_change": request.principal.may(Right.ADMINISTER),
        "now": isoformat(store_clock.now_ms()),
    }
