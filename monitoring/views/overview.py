"""The first page: how things are, why jobs wait, what fails."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from jobs.access.pages import PersonRequest, needs
from jobs.access.redacting import redactor_for
from jobs.api.gateway import get_gateway
from jobs.api.problems import problem_of
from jobs.errors import StoreError
from jobs.rights import Right
from jobs.store.partitions.rest import of_the_rest
from monitoring import frame
from monitoring.asking import show_problem
from monitoring.chart_cards import wanted_range
from monitoring.history import RANGES
from monitoring.overview import Overview, overview_of
from monitoring.pages import show, with_breaker


@require_safe
@needs(Right.VIEW)
async def overview(request: PersonRequest) -> HttpResponse:
    """One look at everything, or with `?part=errors` what has died. While the store is away the page says so."""
    page: Overview | None = None
    said = ""
    try:
        redactor = redactor_for(request.principal, get_gateway().config)
        page = await get_gateway().run(of_the_rest(lambda store: overview_of(store, redactor)))
    except StoreError as error:
        problem = problem_of(error)
        if problem.code != "store_unavailable":
            return await show_problem(request, problem)
        frame.keep(await frame.away_frame(error), seconds=0)
        said = with_breaker(problem.detail)
    else:
        frame.keep(frame.Frame.of(page.look))
    may = request.principal.may
    context = {
        "page": page,
        "said": said,
        "now": page.now if page else "",
        "range": wanted_range(request.GET.get("range", "")),
        "ranges": list(RANGES),
        "goal_ms": get_gateway().config.latency_goal_ms,
        "may_retry": may(Right.RETRY),
        "may_pause": may(Right.PAUSE),
    }
    is_part = page is not None and request.GET.get("part") == "errors"
    template = "monitoring/parts/errors_fresh.html" if is_part else "monitoring/overview.html"
    return await show(request, template, context, status=200 if page else 503)
