"""Workers: pools and their processes, what they run and for how long, draining."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpResponse
from django.views.decorators.http import require_POST, require_safe

from jobs.access.pages import PersonRequest, needs
from jobs.api.gateway import get_gateway
from jobs.api.problems import problem_of
from jobs.api.routes import workers as routes
from jobs.errors import StoreError
from jobs.inspection.figures import worker_line
from jobs.rights import Right
from jobs.store.partitions.rest import of_the_rest
from monitoring import frame
from monitoring.asking import act, back, show_problem
from monitoring.excerpt import excerpt
from monitoring.look import Look, look_at
from monitoring.pages import is_part, show
from monitoring.worker_rows import by_urgency, pools_of, text_of_worker, unserved

POOLS: Final = 12


@require_safe
@needs(Right.VIEW)
async def workers(request: PersonRequest) -> HttpResponse:
    """Workers with a heartbeat in the last ten minutes, by pool and one by one; htmx gets the page of rows alone."""
    try:
        look = await get_gateway().run(of_the_rest(look_at))
    except StoreError as error:
        return await show_problem(request, problem_of(error))
    frame.keep(frame.Frame.of(look))
    rows = excerpt(by_urgency(look.workers), request.GET, lambda seen: text_of_worker(seen.info))
    context = {
        "workers": rows.shown_as(worker_line),
        "may_drain": request.principal.may(Right.DRAIN),
    }
    if is_part(request, "workers"):
        return await show(request, "monitoring/workers/list.html", context)
    return await show(request, "monitoring/workers/page.html", context | _summary(look))


@require_POST
@needs(Right.DRAIN)
async def drain(request: PersonRequest, worker_id: str) -> HttpResponse:
    """Let a worker finish what it runs and end."""
    done = f"{worker_id} drains: it finishes what it runs and ends."
    await act(request, done, routes.drain_worker, {"worker_id": worker_id}, body={})
    return back(request, "workers")


def _summary(look: Look) -> dict[str, Any]:
    pools = pools_of(look.workers)
    return {"pools": pools[:POOLS], "more_pools": len(pools[POOLS:]), "unserved": unserved(look.rows)}
