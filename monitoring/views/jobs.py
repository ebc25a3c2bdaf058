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
from jobs.api.routes import dlq, workers
from jobs.api.routes import jobs as job_routes
from jobs.rights import Right
from monitoring.asking import ask, show_problem, words_of
from monitoring.bulk_form import ACTIONS, RIGHTS, VERBS
from monitoring.error_names import fingerprints_in, names_of
from monitoring.listing import Listing, searched_words
from monitoring.pages import is_part, show
from monitoring.saved_views import links_for
from monitoring.search_words import tidied
from monitoring.suggestions import suggestions_for
from monitoring.views.saved_views import SHARES

Work = Callable[..., Any]
Around = Callable[[PersonRequest, Listing], Coroutine[Any, Any, dict[str, Any]]]
WHOLE = {"jobs": "monitoring/jobs/page.html", "dlq": "monitoring/dead_letters/jobs.html"}
PAGE_OF = {"jobs": "jobs", "dlq": "dead-jobs"}
TABS = ("pending", "active", "scheduled", "retrying", "blocked", "completed", "dead", "cancelled")


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
        context |= await _menus(request, PAGE_OF[scope]) | await told(request, context["listing"])
    except Problem as problem:
        return await show_problem(request, problem)
    return await show(request, WHOLE[scope], context, status=status)


async def _listed(request: PersonRequest, listing: Listing, work: Work, scope: str) -> dict[str, Any]:
    """A page of the list, and what may be done with its jobs. Raises Problem."""
    page = await ask(request, work, query=listing.query())
    actions = [(each, VERBS[each]) for each in ACTIONS[scope] if request.principal.may(RIGHTS[each])]
    return {
        "page": page,
        "live": listing.topic(scope),
        "older": listing.after(page.next_cursor),
        "searched": searched_words(page),
        "actions": actions,
        "may_retry": request.principal.may(Right.RETRY),
        "may_delete": request.principal.may(Right.DELETE),
    }


async def _menus(request: PersonRequest, page: str) -> dict[str, Any]:
    """What the menus of a list offer. Raises Problem."""
    return {
        "suggestions": await suggestions_for(request),
        "views": await links_for(await request.auser(), page),
        "may_share": request.principal.may(SHARES),
        "may_administer": request.principal.may(Right.ADMINISTER),
    }


async def _states(request: PersonRequest, listing: Listing) -> dict[str, Any]:
    """How many jobs are in which state, and since when finished ones are stored. Raises Problem."""
    stats = await ask(request, workers.get_stats)
    return {"tabs": _tabs(listing, stats.by_state), "created": stats.total, "kept": listing.kept_since(stats)}


async def _group(request: PersonRequest, listing: Listing) -> dict[str, Any]:
    """What is known of the error, where the list is of one."""
    errors = listing.filter.get("error", [])
    return {"group": listing.names.get(errors[0])} if len(errors) == 1 else {}


def _tabs(listing: Listing, counts: dict[str, int]) -> list[dict[str, Any]]:
    chosen = listing.said.get("status", [])
    others = {name: value for name, value in listing.said.items() if name != "status"}
    tabs = [{"word": "all", "count": sum(counts.values()), "to": listing.address(others), "current": not chosen}]
    for each in TABS:
        if each == "blocked" and not counts[each]:
            continue
        to = listing.address({"status": [each], **others})
        tabs.append({"word": each, "count": counts[each], "to": to, "current": chosen == [each]})
    return tabs
