"""Enqueues a job by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from jobs.access.pages import PersonRequest, needs
from jobs.api.problems import Problem
from jobs.api.routes import enqueue
from jobs.rights import Right
from monitoring.asking import ask, words_of
from monitoring.enqueue_form import EnqueueForm, by_field
from monitoring.pages import show
from monitoring.suggestions import all_suggestions


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.ENQUEUE)
async def new(request: PersonRequest) -> HttpResponse:
    """The form; sent, it makes one job however often, and shows it. What is refused is said at its field."""
    if request.method != "POST":
        return await _asked(request, EnqueueForm.read(request.GET))
    form = EnqueueForm.read(request.POST)
    if wrong := form.wrong_json():
        return await _asked(request, form.again(), {"payload": wrong}, status=422)
    try:
        made = await ask(request, enqueue.enqueue_job, body=form.body(), idempotency_key=form.key)
    except Problem as problem:
        if problem.status == 403:
            raise PermissionDenied(words_of(problem)) from problem
        return await _refused(request, form.again(), problem)
    messages.success(request, f"{made.type} is {made.status} on {made.queue}.")
    return redirect("job", made.job_id) if request.principal.may(Right.VIEW) else redirect("enqueue")


async def _refused(request: PersonRequest, form: EnqueueForm, problem: Problem) -> HttpResponse:
    errors = by_field(problem.fields) if problem.fields else {"": words_of(problem)}
    return await _asked(request, form, errors, status=problem.status, holder=str(problem.members.get("jobId", "")))


async def _asked(
    request: PersonRequest,
    form: EnqueueForm,
    errors: dict[str, str] | None = None,
    *,
    status: int = 200,
    holder: str = "",
) -> HttpResponse:
    errors = errors or {}
    context: dict[str, Any] = {
        "values": form.values,
        "key": form.key,
        "errors": errors,
        "refusal": errors.get("", ""),
        "holder": holder,
        "is_open": form.is_opened_up,
        "suggestions": await all_suggestions(request),
    }
    return await show(request, "monitoring/enqueue/page.html", context, status=status)
