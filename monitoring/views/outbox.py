"""The outbox: jobs that wait for a store that is away, and those that it has refused."""

from __future__ import annotations

from typing import Final

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from jobs.access.pages import PersonRequest, needs
from jobs.api.gateway import get_gateway
from jobs.api.problems import Problem
from jobs.api.routes import outbox as routes
from jobs.rights import Right
from monitoring.asking import act, ask, show_problem
from monitoring.pages import show

PAGE: Final = 50


@require_safe
@needs(Right.VIEW)
async def outbox(request: PersonRequest) -> HttpResponse:
    """Waiting jobs, oldest first; with `?refused=true` the refused ones. It is shown without a store too."""
    is_refused = request.GET.get("refused") == "true"
    query = QueryDict(mutable=True)
    query["limit"], query["refused"] = str(PAGE), "true" if is_refused else "false"
    if request.GET.get("cursor"):
        query["cursor"] = request.GET["cursor"]
    try:
        page = await ask(request, routes.list_outbox, query=query)
    except Problem as problem:
        return await show_problem(request, problem)
    context = {
        "page": page,
        "is_refused": is_refused,
        "is_first": "cursor" not in query,
        "is_on": get_gateway().config.outbox,
        "bound": get_gateway().config.outbox_max_bytes,
        "may_delete": request.principal.may(Right.DELETE),
        "may_retry": request.principal.may(Right.RETRY),
    }
    return await show(request, "monitoring/outbox/page.html", context)


@require_POST
@needs(Right.VIEW)
async def retry_all(request: PersonRequest) -> HttpResponse:
    """Let all refused ones wait again."""
    await act(request, "The refused jobs wait again.", routes.retry_outbox)
    return redirect("outbox")


@require_POST
@needs(Right.VIEW)
async def retry(request: PersonRequest, job_id: str) -> HttpResponse:
    """Let a refused one wait again."""
    await act(request, "The job waits again.", routes.retry_outbox_entry, {"job_id": job_id})
    return redirect(f"{reverse('outbox')}?refused=true")


@require_POST
@needs(Right.VIEW)
async def delete(request: PersonRequest, job_id: str) -> HttpResponse:
    """Delete a refused one."""
    await act(request, "The job is deleted.", routes.delete_outbox_entry, {"job_id": job_id})
    return redirect(f"{reverse('outbox')}?refused=true")
