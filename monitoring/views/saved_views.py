"""Saving, deleting and listing views of lists."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST, require_safe

from jobs.access.pages import PersonRequest, needs
from jobs.rights import Right
from monitoring.asking import back
from monitoring.models import SavedView
from monitoring.saved_views import PAGES, Refused, links_for, save

SHARES = Right.PAUSE  # who acts on what is everybody's may also put a view into everybody's menu


@require_safe
@needs(Right.VIEW)
async def saved_views(request: PersonRequest) -> HttpResponse:
    """The views that this person may use, for the palette."""
    links = await links_for(await request.auser())
    return JsonResponse({"items": [{"name": link.name, "page": link.page, "address": link.address} for link in links]})


@require_POST
@needs(Right.VIEW)
async def save_view(request: PersonRequest) -> HttpResponse:
    """Keep the list that the form describes."""
    page, name = request.POST.get("page", ""), request.POST.get("name", "")
    if page not in PAGES:
        raise Http404
    is_shared = "shared" in request.POST and request.principal.may(SHARES)
    query = request.POST.get("query", "")
    try:
        view = await sync_to_async(save)(await request.auser(), page, name, query, is_shared=is_shared)
        messages.success(request, f"The view {view.name} is saved.")
    except Refused as refused:
        messages.error(request, str(refused))
    return back(request, page)


@require_POST
@needs(Right.VIEW)
async def delete_view(request: PersonRequest, view_id: int) -> HttpResponse:
    """Delete a view of one's own; an administrator may delete a shared one too. Others do not exist."""
    user = await request.auser()
    view = await SavedView.objects.seen_by(user).filter(pk=view_id).afirst()
    if view is None or (view.owner_id != user.pk and not request.principal.may(Right.ADMINISTER)):
        raise Http404
    await view.adelete()
    messages.success(request, f"The view {view.name} is deleted.")
    return back(request, view.page if view.page in PAGES else "jobs")
