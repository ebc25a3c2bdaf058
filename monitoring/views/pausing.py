"""Pauses and resumes a queue from any page that lists queues."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from jobs.access.pages import PersonRequest, needs
from jobs.api.routes import queues as routes
from jobs.rights import Right
from monitoring.asking import act, back


@require_POST
@needs(Right.PAUSE)
async def pause(request: PersonRequest, name: str) -> HttpResponse:
    """Stop claims from a queue. The form may carry a `reason`, and `next` to go back to."""
    undo, reason = reverse("resume-queue", args=[name]), request.POST.get("reason", "")
    await act(request, f"Paused {name}.", routes.pause_queue, {"name": name}, body={"reason": reason}, undo=undo)
    return back(request, "overview")


@require_POST
@needs(Right.PAUSE)
async def resume(request: PersonRequest, name: str) -> HttpResponse:
    """Let workers claim from a queue again."""
    undo, reason = reverse("pause-queue", args=[name]), request.POST.get("reason", "")
    await act(request, f"Resumed {name}.", routes.resume_queue, {"name": name}, body={"reason": reason}, undo=undo)
    return back(request, "overview")
