"""The health addresses as Django views: /health for people and monitors, the probes for servers without ASGI."""

from __future__ import annotations

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from jobs.api.access import KeyAccess, SessionAccess

from .health import HealthReport, health, readiness
from .probes import ALIVE


@require_safe
async def show_health(request: HttpRequest) -> HttpResponse:
    """The state of each part; why, only for those who are logged in or bring a key."""
    report = await health()
    return _answer(report if await _is_known(request) else report.without_details())


@require_safe
async def show_live(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return HttpResponse(ALIVE, content_type="application/json", headers={"Cache-Control": "no-store"})


@require_safe
async def show_ready(request: HttpRequest) -> HttpResponse:
    """Whether this process can serve."""
    return _answer((await readiness()).without_details())


async def _is_known(request: HttpRequest) -> bool:
    try:
        return bool(await KeyAccess()(request) or await SessionAccess()(request))
    except Exception:  # a wrong credential, or a database that is away and reported as such
        return False


def _answer(report: HealthReport) -> HttpResponse:
    body = msgspec.json.encode(report)
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(body, status=report.code, content_type="application/json", headers=headers)
