"""Renders pages: inside the frame, off the event loop; and the JSON that their scripts ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from jobs.rights import Right

from .breaker_words import also_open
from .frame import UNKNOWN, fresh_frame


async def show(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Render a page that extends page.html, or a part of one.

    Those who may look at the installation read in the frame how it is, looked up where that is older than 2 s.
    """
    principal = getattr(request, "principal", None)
    may_view = principal is not None and principal.may(Right.VIEW)
    frame = await fresh_frame() if may_view else UNKNOWN
    # Templates may ask the database, for the user or the session.
    return await sync_to_async(render)(
        request, template, {"frame": frame, "is_live": may_view, **(context or {})}, status=status
    )


def show_json(status: int, document: object) -> HttpResponse:
    """Answer with a document that nobody keeps, for a script of a page; where the store is away it may ask again."""
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": "1"} if status == 503 else {})
    return HttpResponse(msgspec.json.encode(document), status=status, content_type="application/json", headers=headers)


def is_part(request: HttpRequest, name: str) -> bool:
    """Whether htmx asks for the element with this id alone."""
    return request.headers.get("HX-Target") == name


async def show_away(request: HttpRequest, title: str, said: str = "") -> HttpResponse:
    """The page that says that the store does not answer and, in a sentence, why: 503, for any page that needs it."""
    return await show(request, "store_away.html", {"title": title, "said": with_breaker(said)}, status=503)


def with_breaker(said: str) -> str:
    """What is said of a store that is away, and that it is asked now and then only where that is so."""
    return " ".join(filter(None, (said, also_open(said))))
