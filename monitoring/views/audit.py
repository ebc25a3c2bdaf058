"""The audit trail: who changed what, when, from where, why, how many."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.views.decorators.http import require_safe

from jobs.access.pages import PersonRequest, needs
from jobs.api.problems import Problem
from jobs.api.routes import audit as routes
from jobs.rights import Right
from jobs.trail import Action, Status
from monitoring.asking import ask, show_problem, words_of
from monitoring.audit_query import LISTS, SINGLES, pairs_of
from monitoring.audit_words import line_of
from monitoring.pages import show

PAGE: Final = 50


@require_safe
@needs(Right.SEE_AUDIT)
async def audit(request: PersonRequest) -> HttpResponse:
    """Entries that match the address, latest first."""
    wanted = pairs_of(request.GET)
    query = QueryDict(mutable=True)
    for name, value in wanted:
        query.appendlist(name, value)
    query["limit"] = str(PAGE)
    if request.GET.get("cursor"):
        query["cursor"] = request.GET["cursor"]
    context = {
        "actions": [(each.value, each.label) for each in Action],
        "statuses": [(each.value, each.label) for each in Status],
        "chosen": {name: request.GET.get(name, "") for name in (*LISTS, *SINGLES)},
        "chips": [(name, value, _without(wanted, name, value)) for name, value in wanted if name in _IN_CHIPS],
        "is_first": "cursor" not in query,
        "exported": urlencode(wanted),
    }
    try:
        page = await ask(request, routes.list_audit_entries, query=query)
    except Problem as problem:
        if problem.status == 503:
            return await show_problem(request, problem)
        return await show(
            request, "monitoring/audit/page.html", context | {"refusal": words_of(problem)}, status=problem.status
        )
    older = urlencode([*wanted, ("cursor", page.next_cursor)]) if page.next_cursor else ""
    context |= {"lines": [line_of(entry) for entry in page.items], "older": older, "latest": urlencode(wanted)}
    return await show(request, "monitoring/audit/page.html", context)


_IN_CHIPS: Final = ("actor", "target", "operationId", "after", "before")


def _without(wanted: list[tuple[str, str]], name: str, value: str) -> str:
    return "?" + urlencode([pair for pair in wanted if pair != (name, value)])
