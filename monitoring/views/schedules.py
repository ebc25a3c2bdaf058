"""Schedules: all of them, when each is due and what became of it last."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from django.http import HttpResponse, JsonResponse, QueryDict
from django.views.decorators.http import require_safe

from jobs.access.pages import PersonRequest, needs
from jobs.access.redacting import redactor_for
from jobs.api.bears import Bears
from jobs.api.gateway import get_gateway
from jobs.api.problems import problem_of
from jobs.clock import isoformat
from jobs.connections import borrowed
from jobs.errors import StoreError
from jobs.rights import Right
from monitoring import store_clock
from monitoring.asking import show_problem
from monitoring.pages import is_part, show
from monitoring.schedule_rows import NEXT, Listed, listed
from schedules import service
from schedules.models import Schedule

SAMPLE: Final = """curl {address}/api/schedules -H "Authorization: Bearer $KEY" \\
  -H "Content-Type: application/json" \\
  -d '{{"name": "nightly-report", "type": "send-report", "cron": "0 3 * * *", "timeZone": "Europe/Berlin"}}'"""


class Tab(msgspec.Struct, frozen=True):
    """Schedules of one kind, how many they are, and the address that lists them."""

    word: str
    to: str
    current: bool
    count: int


@require_safe
@needs(Right.VIEW)
async def schedules(request: PersonRequest) -> HttpResponse:
    """The schedules, fifty a page; htmx gets them alone."""
    try:
        redactor = redactor_for(request.principal, get_gateway().config)
        found = await get_gateway().run(lambda store: listed(store, request.GET, redactor), bears=Bears.ANYWHERE)
    except StoreError as error:
        return await show_problem(request, problem_of(error))
    context = {
        "schedules": found.rows,
        "trouble": found.trouble,
        "tabs": _tabs(found, request.GET),
        "order": request.GET.get("order", ""),
        "here": request.get_full_path(),
        "by_name": _address(request.GET, order=""),
        "by_next": _address(request.GET, order=NEXT),
        "may_run": request.principal.may(Right.RETRY),
        "may_pause": request.principal.may(Right.PAUSE),
        "may_change": request.principal.may(Right.ADMINISTER),
        "sample": SAMPLE.format(address=request.build_absolute_uri("/").rstrip("/")),
        "now": isoformat(store_clock.now_ms()),
    }
    template = "list" if is_part(request, "schedules") else "page"
    return await show(request, f"monitoring/schedules/{template}.html", context)


@require_safe
@needs(Right.VIEW)
async def names_json(request: PersonRequest) -> HttpResponse:
    """The names of all schedules, for the palette."""

    def look(_: Any) -> list[tuple[str, bool]]:
        with borrowed(service.alias()) as using:
            return list(Schedule.objects.using(using).order_by("name").values_list("name", "paused"))

    found = await get_gateway().run(look, bears=Bears.ANYWHERE)
    return JsonResponse({"items": [{"name": name, "paused": paused} for name, paused in found]})


def _tabs(found: Listed, query: QueryDict) -> list[Tab]:
    """All of them, and the kinds of which there are some but not all."""
    chosen, every = query.get("state", ""), found.counts["all"]
    shown = [(word, count) for word, count in found.counts.items() if word == chosen or 0 < count < every]
    tabs = [Tab(word, _address(query, state=word), word == chosen, count) for word, count in shown if word != "all"]
    return [Tab("all", _address(query, state=""), not any(tab.current for tab in tabs), every), *tabs]


def _address(query: QueryDict, **changes: str) -> str:
    """The address of the list with other choices, from its first page on."""
    made = query.copy()
    for name in ("page", *changes):
        made.pop(name, None)
    for name, value in changes.items():
        if value:
            made[name] = value
    return f"?{made.urlencode()}"
