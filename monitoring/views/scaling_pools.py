"""Scaling: all pools, a row each."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from jobs.access.pages import PersonRequest, needs
from jobs.api.problems import Problem
from jobs.rights import Right
from monitoring.asking import ask, show_problem
from monitoring.excerpt import excerpt
from monitoring.pages import is_part, show
from monitoring.scaling_words import DANGER, standings
from scaling.api import routes
from scaling.api.answers import PoolScaling


@require_safe
@needs(Right.VIEW)
async def pools(request: PersonRequest) -> HttpResponse:
    """The pools, those with trouble first; htmx gets the rows alone."""
    try:
        found = await ask(request, routes.list_scaling)
    except Problem as problem:
        return await show_problem(request, problem)
    rows = excerpt(sorted(found.items, key=_urgency), request.GET, lambda pool: pool.pool)
    context = {"pools": rows.shown_as(lambda pool: (pool, standings(pool))), "more": found.more}
    template = "list" if is_part(request, "pools") else "page"
    return await show(request, f"monitoring/scaling/{template}.html", context)


def _urgency(pool: PoolScaling) -> tuple[bool, bool, str]:
    """A key to sort by: pools with trouble, those that break their goal, all others; by name."""
    return all(each.tone != DANGER for each in standings(pool)), pool.holds_goal is not False, pool.pool
