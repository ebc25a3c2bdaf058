"""The first page: how things are, the latest jobs, the dead ones and a way to retry them."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from jobs.api.access import person
from jobs.api.gateway import get_gateway
from jobs.errors import QueueFlowError, StoreError
from jobs.ids import checked_id
from jobs.scopes import Scope
from jobs.steering import Steering

from .overview import Overview, overview_of


@require_safe
@login_required
async def overview(request: HttpRequest) -> HttpResponse:
    """Counts, latest jobs, dead jobs. While the store is away the page says so and stays."""
    page: Overview | None = None
    try:
        page = await get_gateway().run(overview_of)
    except StoreError:
        status = 503
    else:
        status = 200
    context = {"page": page, "may_operate": await _may_operate(request)}
    # Templates may ask the database, for the user or the session.
    return await sync_to_async(render)(request, "monitoring/overview.html", context, status=status)


@require_POST
@login_required
async def retry(request: HttpRequest, job_id: str) -> HttpResponse:
    """Retry a dead job and say what became of it."""
    if not await _may_operate(request):
        return HttpResponseForbidden("You may look, but not retry: ask an administrator for the right to operate.")
    try:
        checked_id(job_id)
        await get_gateway().run(lambda store: Steering(store).retry(job_id))
    except StoreError:
        messages.error(request, "The store cannot answer now. Nothing was done: try again in a moment.")
    except QueueFlowError as error:
        messages.error(request, f"Not retried: {error}.")
    else:
        messages.success(request, f"Retried job {job_id}.")
    return redirect("overview")


async def _may_operate(request: HttpRequest) -> bool:
    return person(await request.auser()).may(Scope.OPERATE)
