"""The first page: how things are, the latest jobs, the dead ones and a way to retry them."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from jobs import trail
from jobs.access.address import client_address
from jobs.access.pages import PersonRequest, needs
from jobs.access.redacting import redactor_for
from jobs.api.gateway import get_gateway
from jobs.errors import QueueFlowError, StoreError
from jobs.ids import checked_id
from jobs.rights import Right
from jobs.steering import Steering
from jobs.store.store import Store

from .overview import Overview, overview_of


@require_safe
@needs(Right.VIEW)
async def overview(request: PersonRequest) -> HttpResponse:
    """Counts, latest jobs, dead jobs. While the store is away the page says so and stays."""
    page: Overview | None = None
    try:
        redactor = redactor_for(request.principal, get_gateway().config)
        page = await get_gateway().run(lambda store: overview_of(store, redactor))
    except StoreError:
        status = 503
    else:
        status = 200
    context = {"page": page, "may_retry": request.principal.may(Right.RETRY)}
    # Templates may ask the database, for the user or the session.
    return await sync_to_async(render)(request, "monitoring/overview.html", context, status=status)


@require_POST
@needs(Right.RETRY)
async def retry(request: PersonRequest, job_id: str) -> HttpResponse:
    """Retry a dead job and say what became of it."""
    who = request.principal
    actor = trail.Actor(who.id, who.name, client_address(request))

    def act(store: Store) -> None:
        with trail.entry(actor=actor, action=trail.Action.JOB_RETRY, target=job_id) as entry:
            Steering(store).retry(job_id)
            entry.count = 1

    try:
        checked_id(job_id)
        await get_gateway().run(act)
    except StoreError:
        messages.error(request, "The store cannot answer now. Nothing was done: try again in a moment.")
    except QueueFlowError as error:
        messages.error(request, f"Not retried: {error}.")
    else:
        messages.success(request, f"Retried job {job_id}.")
    return redirect("overview")
