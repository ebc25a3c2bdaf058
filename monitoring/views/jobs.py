"""Lists of jobs: by state and filter, a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe
from msgspec.structs import replace

from jobs.access.pages import PersonRequest, needs
from jobs.api.problems import Problem
from jobs.api.routes import dlq, queues, workers
from jobs.api.routes import jobs as job_routes
from jobs.inspection.search import Page
from jobs.rights import Right
from monitoring.asking import ask, show_problem, words_of
from monitoring.bulk_form import RIGHTS, VERBS, actions_for
from monitoring.error_names import fingerprints_in, names_of
from monitoring.listing import Listing, searched_words
from monitoring.pages import is_part, show
from monitoring.saved_views import links_for
from monitoring.search_words import tidied
from monitoring.suggestions import suggestions_for
from monitoring.tabs import matching_of, states_of, tabs_of
from monitoring.views.saved_views import SHARES

Work = Callable[..., Any]
Around = Callable[[PersonRequest, Listing, int | None], Coroutine[Any, Any, dict[str, Any]]]
WHOLE = {"jobs": "monitoring/jobs/page.html", "dlq": "monitoring/dead_letters/jobs.html"}
PAGE_OF = {"jobs": "jobs", "dlq": "dead-jobs"}


@require_safe
@needs(Right.VIEW)
async def jobs(request: PersonRequest) -> HttpResponse:
    """All jobs, latest first; htmx gets the list alone."""
    return await _list(request, "jobs", job_routes.list_jobs, _states)


@require_safe
@needs(Right.VIEW)
async def dead_jobs(request: PersonRequest) -> HttpResponse:
    """Dead jobs, latest death first; those of one error with what is known of it."""
    return await _list(request, "dlq", dlq.list_dead_jobs, _group)


async def _list(request: PersonRequest, scope: str, work: Work, told: Around) -> HttpResponse:
    """A list in its page, with what `told` says above it; a filter that is refused stays there to be mended."""
    if tidy := tidied(request.path, request.GET):
        return redirect(tidy)
    listing = Listing.read(request.path, request.GET, stateless=scope == "dlq")
    context: dict[str, Any] = {"listing": listing, "scope": scope}
    status = 200
    try:
        context |= await _listed(request, listing, work, scope)
    except Problem as problem:
        if problem.status == 503:
            return await show_problem(request, problem)
        status = problem.status
        context |= {"problem": problem, "words": words_of(problem)}
    if is_part(request, "list"):
        return await show(request, "monitoring/jobs/list.html", context, status=status)
    try:
        names = await names_of(request, fingerprints_in(listing.filter))
        context |= {"listing": replace(listing, names=names)}
        context |= await _menus(request, PAGE_OF[scope], context.get("page"))
        context |= await told(request, context["listing"], context.get("matching"))
    except Problem as problem:
        return await show_problem(request, problem)
    return await show(request, WHOLE[scope], context, status=status)


async def _listed(request: PersonRequest, listing: Listing, work: Work, scope: str) -> dict[str, Any]:
    """A page of the list, and what may be done with its jobs. Raises Problem."""
    page = await ask(request, work, query=listing.query())
    wanted = actions_for(scope, states_of(listing, scope))
    actions = [(each, VERBS[each]) for each in wanted if request.principal.may(RIGHTS[each])]
    return {
        "page": page,
        "matching": matching_of(listing, page, scope),
        "live": listing.topic(scope),
        "older": listing.after(page.next_cursor),
        "searched": searched_words(page),
        "actions": actions,
        "may_retry": request.principal.may(Right.RETRY),
        "may_delete": request.principal.may(Right.DELETE),
    }


async def _menus(request: PersonRequest, page: str, listed: Page | None) -> dict[str, Any]:
    """What the menus of a list offer, with the tags of what is `listed`. Raises Problem."""
    ids = [item.job_id for item in listed.items] if listed else []
    return {
        "suggestions": await suggestions_for(request, ids),
        "views": await links_for(await request.auser(), page),
        "may_share": request.principal.may(SHARES),
        "may_administer": request.principal.may(Right.ADMINISTER),
    }


async def _states(request: PersonRequest, listing: Listing, matching: int | None) -> dict[str, Any]:
    """How many jobs are in which state, since when finished ones are stored, which queues pause. Raises Problem."""
    stats = await ask(request, workers.get_stats)
    named = listing.said.get("queue", [])
    lines = [line for line in (await ask(request, queues.list_queues)).items if line.name in named] if named else []
    return {
        "tabs": tabs_of(listing, stats.by_state, lines, matching),
        "created": stats.total,
        "kept": listing.kept_since(stats),
        "halted": [line for line in lines if line.paused],
    }


async def _group(request: PersonRequest, listing: Listing, matching: int | None) -> dict[str, Any]:
    """What is known of the error, where the list is of one."""
    errors = listing.filter.get("error", [])
    return {"group": listing.names.get(errors[0])} if len(errors) == 1 else {}
