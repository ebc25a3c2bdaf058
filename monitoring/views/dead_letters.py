"""Dead letters: errors first, each with how often, since when and what people think of it; then their jobs."""

from __future__ import annotations

from typing import Any, Final

from django.http import Http404, HttpResponse, QueryDict
from django.views.decorators.http import require_POST, require_safe

from jobs.access.pages import PersonRequest, needs
from jobs.api.answers import Groups
from jobs.api.problems import Problem
from jobs.api.routes import groups as routes
from jobs.inspection.groups import STANDINGS, GroupLine
from jobs.rights import Right
from monitoring.asking import act, ask, back, show_problem
from monitoring.excerpt import ROWS, Excerpt, last_page, number_of, one_page, wanted_by
from monitoring.pages import is_part, show
from monitoring.standings import ATTENTION, standing_in, standings_in
from monitoring.templatetags.frame import address

MOST: Final = 100_000  # errors that may come before those of a page
VERBS: Final = {
    "resolve": (routes.resolve_dead_group, "Resolved. Jobs that die of it from now on bring it back."),
    "ignore": (routes.ignore_dead_group, "Ignored."),
    "reopen": (routes.reopen_dead_group, "Open again."),
}


@require_safe
@needs(Right.VIEW)
async def errors(request: PersonRequest) -> HttpResponse:
    """Errors, largest first; `?status=` says which, open and regressed ones where it is left out; htmx: the list."""
    wanted = standing_in(request.GET)
    try:
        found, rows = await _page(request)
    except Problem as problem:
        return await show_problem(request, problem)
    context = {
        "errors": rows,
        "tabs": _tabs(found.counts, wanted),
        "is_all": wanted == "",
        "wanted": wanted,
        **may(request),
    }
    name = "list" if is_part(request, "letters") else "errors"
    return await show(request, f"monitoring/dead_letters/{name}.html", context)


@require_POST
@needs(Right.VIEW)
async def triage(request: PersonRequest, fingerprint: str, verb: str) -> HttpResponse:
    """Say what one thinks of an error."""
    if verb not in VERBS:
        raise Http404
    work, done = VERBS[verb]
    reason = request.POST.get("reason", "").strip()
    undo = "" if verb == "reopen" else address("dead-triage", fingerprint, "reopen")
    await act(request, done, work, {"fingerprint": fingerprint}, body={"reason": reason}, undo=undo)
    return back(request, "dead-letters")


def may(request: PersonRequest) -> dict[str, bool]:
    """What the buttons need to know."""
    who = request.principal
    return {"may_retry": who.may(Right.RETRY), "may_delete": who.may(Right.DELETE)}


async def _page(request: PersonRequest) -> tuple[Groups, Excerpt[GroupLine]]:
    """The page of errors that the address asks for, the last one for a number too high. Raises Problem."""
    number = number_of(request.GET)
    found: Groups = await ask(request, routes.list_dead_groups, query=_query(request, number))
    if not found.items and number > 1:
        number = last_page(found.matching)
        found = await ask(request, routes.list_dead_groups, query=_query(request, number))
    total = sum(found.counts[each] for each in standings_in(request.GET))
    return found, one_page(found.items, number, (found.matching, total), request.GET)


def _query(request: PersonRequest, number: int) -> QueryDict:
    query = QueryDict(mutable=True)
    query.setlist("status", list(standings_in(request.GET)))
    query["limit"], query["offset"], query["trend"] = str(ROWS), str(min((number - 1) * ROWS, MOST)), "true"
    if text := wanted_by(request.GET):
        query["q"] = text
    return query


def _tabs(counts: dict[str, int], wanted: str) -> list[dict[str, Any]]:
    tabs = [{"label": "Need attention", "count": sum(counts[each] for each in ATTENTION), "status": ""}]
    tabs += [{"label": each.capitalize(), "count": counts[each], "status": each} for each in STANDINGS]
    return [{**tab, "current": tab["status"] == wanted} for tab in tabs]
