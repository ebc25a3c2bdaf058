"""What people order for a pool: a number of workers for a while, a pause, and the end of both."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from jobs.access.pages import PersonRequest, needs
from jobs.rights import Right
from jobs.words import several
from monitoring.asking import act, back
from monitoring.given_numbers import given_number
from scaling.api import routes


@require_POST
@needs(Right.SCALE)
async def scale(request: PersonRequest, name: str) -> HttpResponse:
    """Give a pool `workers` workers, for `forMs` or, without it, until somebody ends that."""
    body: dict[str, Any] = {"reason": request.POST.get("reason", "").strip()}
    workers, for_ms = (given_number(request.POST.get(name, "").strip()) for name in ("workers", "forMs"))
    if not isinstance(workers, int) or not (for_ms == "" or isinstance(for_ms, int)):
        messages.error(request, "Give the workers as a whole number.")
        return back(request, reverse("pool", args=[name]))
    body["workers"] = workers
    if for_ms != "":
        body["forMs"] = for_ms
    done, undo = f"{name} is to have {several(workers, 'worker')}.", reverse("resume-scaling", args=[name])
    await act(request, done, routes.scale_pool, {"pool": name}, body=body, undo=undo)
    return back(request, reverse("pool", args=[name]))


@require_POST
@needs(Right.SCALE)
async def pause(request: PersonRequest, name: str) -> HttpResponse:
    """Leave a pool as large as it is until somebody resumes."""
    body, undo = {"reason": request.POST.get("reason", "").strip()}, reverse("resume-scaling", args=[name])
    await act(request, f"Paused the scaling of {name}.", routes.pause_scaling, {"pool": name}, body=body, undo=undo)
    return back(request, reverse("pool", args=[name]))


@require_POST
@needs(Right.SCALE)
async def resume(request: PersonRequest, name: str) -> HttpResponse:
    """Let the policy of a pool decide again."""
    done = f"The policy of {name} decides again."
    await act(request, done, routes.resume_scaling, {"pool": name}, body={})
    return back(request, reverse("pool", args=[name]))
