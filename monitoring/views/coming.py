"""Places whose pages come with a later version: what they will show, and what does the same until then."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from jobs.access.pages import PersonRequest, needs
from jobs.rights import Right
from monitoring.pages import show


@require_safe
@needs(Right.VIEW)
async def schedules(request: PersonRequest) -> HttpResponse:
    """Cron schedules."""
    context = {
        "title": "Schedules",
        "symbol": "scheduled",
        "headline": "Schedules come with a later version",
        "paragraphs": [
            "They will enqueue jobs by cron expressions, one leader at a time, each tick once.",
            "Until then delay and runAt put a job off once, and cron itself can call POST /api/jobs.",
        ],
    }
    return await show(request, "place.html", context)


@require_safe
@needs(Right.VIEW)
async def scaling(request: PersonRequest) -> HttpResponse:
    """Scaling of worker pools."""
    context = {
        "title": "Scaling",
        "symbol": "scaling",
        "headline": "Automatic scaling comes with a later version",
        "paragraphs": [
            "This page will say why each pool has as many workers as it has, and what is decided next.",
            "Until then a pool has as many workers as MIN_WORKERS says.",
        ],
    }
    return await show(request, "place.html", context)
