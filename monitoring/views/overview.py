"""The first page: how things are, the latest jobs, the dead ones and a way to retry them."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from jobs.access.pages import PersonRequest, needs
from jobs.access.redacting import redactor_for
from jobs.api.gateway import get_gateway
from jobs.errors import StoreError
from jobs.rights import Right
from monitoring.overview import Overview, overview_of
from monitoring.pages import show


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
    return await show(request, "monitoring/overview.html", context, status=status)
