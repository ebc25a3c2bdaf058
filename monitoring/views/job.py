"""One job: its story, its payload and result, and what a person may do with it."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any, Final

import msgspec
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from jobs.access.pages import PersonRequest, demand, needs
from jobs.api.problems import Problem
from jobs.api.routes import jobs as routes
from jobs.api.routes import queues, types, workers
from jobs.clock import isoformat
from jobs.inspection.detail import JobView
from jobs.rights import Right
from monitoring import store_clock
from monitoring.asking import act, ask, back, show_problem, words_of
from monitoring.enqueue_form import wrong_json
from monitoring.job_actions import ACTIONS, JobAction, offered
from monitoring.json_tree import text_to_copy, tree_of
from monitoring.pages import show as show_page
from monitoring.story import Hold, story_of

RUNNING_MS: Final = 1000  # how often the page asks again while the job runs
WAITING_MS: Final = 3000


@require_safe
@needs(Right.VIEW)
async def show(request: PersonRequest, job_id: str) -> HttpResponse:
    """The page, or with `?part=live` what changes on it; 204 where nothing has changed since `seen`."""
    is_part = request.GET.get("part") == "live"
    try:
        job: JobView = await ask(request, routes.get_job, {"job_id": job_id})
        hold = await _hold(request, job)
    except Problem as problem:
        return HttpResponse(status=204) if is_part else await show_problem(request, problem)
    seen = hashlib.sha256(msgspec.json.encode((job, hold))).hexdigest()[:16]
    if is_part and request.GET.get("seen") == seen:
        return HttpResponse(status=204)
    context = await asyncio.to_thread(_context, request, job, hold) | {"seen": seen}  # a large payload takes its time
    name = "monitoring/job/live.html" if is_part else "monitoring/job/page.html"
    return await show_page(request, name, context)


@require_safe
@needs(Right.SEE_STACKS)
async def stack(request: PersonRequest, job_id: str) -> HttpResponse:
    """Where a running job is right now."""
    context: dict[str, Any] = {"job_id": job_id}
    try:
        context["stack"] = await ask(request, routes.get_job_stack, {"job_id": job_id})
    except Problem as problem:
        context["words"] = words_of(problem)
    name = "monitoring/job/stack.html" if "HX-Request" in request.headers else "monitoring/job/stack_page.html"
    return await show_page(request, name, context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.VIEW)
async def do(request: PersonRequest, job_id: str, verb: str) -> HttpResponse:
    """Act on the job. GET asks first: for a reason, for another payload, or whether it is meant."""
    action = ACTIONS.get(verb)
    if action is None:
        raise Http404
    if request.method == "POST":
        return await _done(request, job_id, action)
    demand(request.principal, action.right)
    try:
        job: JobView = await ask(request, routes.get_job, {"job_id": job_id})
    except Problem as problem:
        return await show_problem(request, problem)
    may_edit = action.takes_payload and request.principal.may(Right.EDIT_PAYLOAD) and job.payload is not None
    payload = msgspec.json.format(bytes(job.payload), indent=2).decode() if may_edit and job.payload else ""
    context = {"job": job, "action": action, "may_edit": may_edit, "payload": payload}
    return await show_page(request, "monitoring/job/ask.html", context)


async def _done(request: PersonRequest, job_id: str, action: JobAction) -> HttpResponse:
    if action.takes_payload and "payload" in request.POST:
        return await _edited(request, job_id, action)
    options = action.options_of(request.POST)
    is_done, answer = await act(request, action.done.format(job_id), action.work, {"job_id": job_id}, **options)
    return _after(request, job_id, action, answer) if is_done else back(request, f"/jobs/{job_id}/")


async def _edited(request: PersonRequest, job_id: str, action: JobAction) -> HttpResponse:
    """Act with another payload. Whatever is refused, the form comes back with what was typed, and says why."""
    typed = request.POST.get("payload", "")
    if wrong := wrong_json(typed):
        return await _typed_again(request, job_id, action, wrong, 422)
    try:
        answer = await ask(request, action.work, {"job_id": job_id}, **action.options_of(request.POST))
    except Problem as problem:
        if problem.status == 403:
            raise PermissionDenied(words_of(problem)) from problem
        return await _typed_again(request, job_id, action, words_of(problem), problem.status)
    messages.success(request, action.done.format(job_id))
    return _after(request, job_id, action, answer)


async def _typed_again(
    request: PersonRequest, job_id: str, action: JobAction, refusal: str, status: int
) -> HttpResponse:
    context = {
        "job": {"job_id": job_id},  # the store may not answer now
        "action": action,
        "may_edit": True,
        "payload": request.POST.get("payload", ""),
        "reason": request.POST.get("reason", ""),
        "refusal": refusal,
    }
    return await show_page(request, "monitoring/job/ask.html", context, status=status)


def _after(request: PersonRequest, job_id: str, action: JobAction, answer: Any) -> HttpResponse:
    if action.verb == "delete":
        return back(request, "jobs")
    if action.verb == "rerun":
        return redirect("job", answer.job_id)
    return back(request, f"/jobs/{job_id}/")


async def _hold(request: PersonRequest, job: JobView) -> Hold:
    """Why a pending job waits; nothing for others."""
    if job.status != "pending":
        return Hold()
    lines = (await ask(request, queues.list_queues)).items
    kinds = (await ask(request, types.list_types)).items
    serving = (await ask(request, workers.list_workers)).items
    queue = next((line for line in lines if line.name == job.queue and line.paused), None)
    kind = next((line for line in kinds if line.type == job.type and line.paused), None)
    return Hold(
        queue_paused=queue is not None,
        type_paused=kind is not None,
        since=queue.paused_since if queue else kind.paused_since if kind else None,
        workers=sum(job.queue in worker.queues and worker.status != "lost" for worker in serving),
    )


def _progress(job: JobView) -> dict[str, Any]:
    """Percent and message as a handler reports them; nothing for progress of another form."""
    try:
        told: Any = msgspec.json.decode(bytes(job.progress)) if job.progress else None
    except msgspec.DecodeError:
        return {}
    if isinstance(told, dict) and isinstance(told.get("percent"), int | float):
        return told
    return {}


def _context(request: PersonRequest, job: JobView, hold: Hold) -> dict[str, Any]:
    now = isoformat(store_clock.now_ms())
    is_over = job.status in ("completed", "dead", "cancelled") or job.status is None
    return {
        "job": job,
        "now": now,
        "story": story_of(job, now, hold) if job.status else [],
        "failures": [attempt for attempt in reversed(job.attempts) if attempt.error],
        "payload_tree": tree_of(bytes(job.payload)) if job.payload else None,
        "payload_text": text_to_copy(bytes(job.payload or b"")),
        "result_tree": tree_of(bytes(job.result)) if job.result else None,
        "result_text": text_to_copy(bytes(job.result or b"")),
        "progress_tree": tree_of(bytes(job.progress)) if job.progress else None,
        "progress": _progress(job),
        "actions": offered(job, request.principal),
        "may_edit": request.principal.may(Right.EDIT_PAYLOAD) and job.payload is not None,
        "may_see_stack": job.status == "active" and request.principal.may(Right.SEE_STACKS),
        "refresh_ms": None if is_over else RUNNING_MS if job.status == "active" else WAITING_MS,
    }
