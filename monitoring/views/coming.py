"""Places whose pages come with a later version: what they will show, and what does the same until then."""

from __future__ import annotations

from typing import Final, NamedTuple

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from jobs.access.pages import PersonRequest, needs
from jobs.rights import Right
from monitoring.pages import show


class Place(NamedTuple):
    """What the page of a place says. `symbol` is its icon in the navigation."""

    title: str
    symbol: str
    headline: str
    paragraphs: tuple[str, ...]


SCHEDULES: Final = Place(
    "Schedules",
    "scheduled",
    "Schedules come with a later version",
    (
        "They will enqueue jobs by cron expressions, one leader at a time, each tick once.",
        "Until then delay and runAt put a job off once, and cron itself can call POST /api/jobs.",
    ),
)


@require_safe
@needs(Right.VIEW)
async def coming(request: PersonRequest, place: Place) -> HttpResponse:
    """Say what a place will show."""
    return await show(request, "place.html", place._asdict())
