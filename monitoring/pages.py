"""Renders pages: inside the frame, off the event loop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from .frame import fresh_frame


async def show(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Render a page that extends page.html, or a part of one. The frame is looked up where it is older than 2 s."""
    frame = await fresh_frame()
    # Templates may ask the database, for the user or the session.
    return await sync_to_async(render)(request, template, {"frame": frame, **(context or {})}, status=status)


async def show_away(request: HttpRequest, title: str) -> HttpResponse:
    """The page that says that the store does not answer, for any page that needs it: 503."""
    return await show(request, "store_away.html", {"title": title}, status=503)
