"""Template tags of the frame: the navigation, icons, the environment."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django import template
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from jobs import words
from jobs.rights import Right
from monitoring.places import PLACES

register = template.Library()

register.filter("brief", words.brief)

STEPS = frozenset({".", ".."})


@register.simple_tag(takes_context=True)
def nav_places(context: dict[str, Any]) -> list[dict[str, Any]]:
    """The places that have an address, with whether the page is at one of them or below it."""
    request = context.get("request")
    found = [(place, address(place.name)) for place in PLACES]
    return [{"place": place, "url": url, "current": _is_at(request, url)} for place, url in found if url]


@register.simple_tag
def address(name: str, *args: Any) -> str:
    """The address of a name; nothing where there is none (yet), instead of an error.

    Nothing either where a browser would make another one of it, as of `/types/a/../../queues/mail/pause/`.
    """
    return _address(name) if not args else _reversed(name, args)


@cache
def _address(name: str) -> str:
    return _reversed(name, ())


def _reversed(name: str, args: Sequence[Any]) -> str:
    try:
        found = reverse(name, args=args)
    except NoReverseMatch:
        return ""
    return "" if STEPS.intersection(found.split("/")) else found


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of icons.html; with a label it is said aloud, without one it only decorates."""
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="#i-{}"/></svg>', label, name)
    return format_html('<svg class="icon" aria-hidden="true"><use href="#i-{}"/></svg>', name)


@register.filter
def undo(message: Message) -> str:
    """The address that takes back what a message tells, from its tag `undo:/address/`; nothing where there is none."""
    return _tagged(message, "undo:")


@register.filter
def leads_to(message: Message) -> str:
    """The address of what a message is about, from its tag `to:/address/`; nothing where there is none."""
    return _tagged(message, "to:")


@register.filter
def mac_or(request: HttpRequest | None, other: str) -> str:
    """⌘ on a Mac, else another word for the key."""
    agent = request.headers.get("User-Agent", "") if request else ""
    return "⌘" if "Mac OS X" in agent or "Macintosh" in agent else other


@register.filter
def may(request: HttpRequest | None, right: str) -> bool:
    """Whether the person whose page it is has a right; not known, so no, on pages that are anybody's."""
    principal = getattr(request, "principal", None)
    return principal is not None and principal.may(Right(right))


def _tagged(message: Message, name: str) -> str:
    tags = (message.extra_tags or "").split()
    return next((tag.removeprefix(name) for tag in tags if tag.startswith(f"{name}/")), "")


def _is_at(request: HttpRequest | None, url: str) -> bool:
    if request is None:
        return False
    return request.path == url or (url != "/" and request.path.startswith(url))
