"""Lists of jobs: by state and filter, a page at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from jobs.access.pages import PersonRequest, needs
from jobs.api.problems import Problem
from jobs.api.routes import dlq, workers
from jobs.api.routes import groups as group_routes
from jobs.api.routes import jobs as job_routes
from jobs.rights import Right
from monitoring.asking import ask, show_problem, words_of
from monitoring.bulk_form import ACTIONS, RIGHTS, VERBS
from monitoring.listing import Listing, searched_words
from monitoring.pages import show
from monitoring.saved_views import links_for
from monitoring.search_words import tidied
from monitoring.suggestions import suggestions_for
from monitoring.views.saved_views import SHARES

PAGE_OF = {"jobs": "jobs", "dlq": "dead-jobs"}
TABS = ("pending", "active", "scheduled", "retrying", "blocked", "completed", "dead", "cancelled")


@require_safe
@needs(Right.VIEW)
async def jobs(request: PersonRequest) -> HttpResponse:
    """All jobs, latest first; htmx gets the list alone."""
    if tidy := tidied(request.path, request.GET):
        return redirect(tidy)
    listing = Listing.read(request.path, request.GET)
    context = await _listed(request, listing, job_routes.list_jobs, "jobs")
    if not _wants_part(request) and "problem" not in context:
        stats = await ask(request, workers.get_stats)
        context |= {"tabs": _tabs(listing, stats.by_state), "created": stats.total, "kept": listing.kept_since(stats)}
    return await _shown(request, "monitoring/jobs/page.html", context)


@require_safe
@needs(Right.VIEW)
async def dead_jobs(request: PersonRequest) -> HttpResponse:
    """Dead jobs, latest death first; those of one error with what is known of it."""
    if tidy := tidied(request.path, request.GET):
        return redirect(tidy)
    listing = Listing.read(request.path, request.GET, stateless=True)
    context = await _listed(request, listing, dlq.list_dead_jobs, "dlq")
    errors = listing.filter.get("error", [])
    if not _wants_part(request) and "problem" not in context and len(errors) == 1:
        groups = (await ask(request, group_routes.list_dead_groups)).items
        context["group"] = next((group for group in groups if group.fingerprint == errors[0]), None)
    return await _shown(request, "monitoring/dead_letters/jobs.html", context)


async def _listed(request: PersonRequest, listing: Listing, work: Callable[..., Any], scope: str) -> dict[str, Any]:
    """The list, or in its place the `problem` that is in the way."""
    context: dict[str, Any] = {"listing": listing, "scope": scope}
    try:
        page = await ask(request, work, query=listing.query())
        around = {} if _wants_part(request) else await _around(request, PAGE_OF[scope])
    except Problem as problem:
        return context | {"problem": problem, "words": words_of(problem)}
    actions = [(each, VERBS[each]) for each in ACTIONS[scope] if request.principal.may(RIGHTS[each])]
    return context | {
        **around,
        "page": page,
        "older": listing.after(page.next_cursor),
        "searched": searched_words(page),
        "actions": actions,
        "may_retry": request.principal.may(Right.RETRY),
        "may_delete": request.principal.may(Right.DELETE),
    }


async def _around(request: PersonRequest, page: str) -> dict[str, Any]:
    """What the menus of a list offer."""
    return {
        "suggestions": await suggestions_for(request),
        "views": await links_for(await request.auser(), page),
        "may_share": request.principal.may(SHARES),
        "may_administer": request.principal.may(Right.ADMINISTER),
    }


def _wants_part(request: PersonRequest) -> bool:
    return request.headers.get("HX-Target") == "list"


async def _shown(request: PersonRequest, whole: str, context: dict[str, Any]) -> HttpResponse:
    problem: Problem | None = context.get("problem")
    if problem is not None and problem.status == 503:
        return await show_problem(request, problem)
    template = "monitoring/jobs/list.html" if _wants_part(request) else whole
    return await show(request, template, context, status=problem.status if problem else 200)


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
