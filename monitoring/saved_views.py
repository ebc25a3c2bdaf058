"""Views of lists that people save: what is kept of an address, for whom, and how many."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from asgiref.sync import sync_to_async
from django.db import transaction
from django.db.models import Case, Value, When
from django.http import QueryDict
from django.urls import reverse

from .listing import Listing
from .models import LONGEST_NAME, LONGEST_QUERY, MOST_VIEWS, SavedView

PAGES: Final = {"jobs": "Jobs", "dead-jobs": "Dead jobs"}
MOST_SHOWN: Final = 200


class Refused(Exception):
    """A view that cannot be saved, in words."""


class ViewLink(msgspec.Struct, frozen=True):
    """A saved view as a menu shows it."""

    id: int
    name: str
    page: str
    address: str
    owner: str
    is_mine: bool
    is_shared: bool


def kept_of(page: str, query: str) -> str:
    """What a view keeps of a query string: filters and columns, no place in the list."""
    listing = Listing.read(reverse(page), QueryDict(query), stateless=page == "dead-jobs")
    return listing.address(listing.said).partition("?")[2]


def save(user: Any, page: str, name: str, query: str, *, is_shared: bool) -> SavedView:
    """Keep a view; one of the same name is replaced. Raises Refused."""
    name, kept = " ".join(name.split()), kept_of(page, query)
    if not name.isprintable() or not 1 <= len(name) <= LONGEST_NAME:
        raise Refused(f"Give the view a name of 1 to {LONGEST_NAME} characters.")
    if len(kept) > LONGEST_QUERY:
        raise Refused("The view has too many filters to be saved.")
    with transaction.atomic():
        mine = SavedView.objects.select_for_update().filter(owner=user)
        if len(mine) >= MOST_VIEWS and not mine.filter(page=page, name=name).exists():
            raise Refused(f"You have {MOST_VIEWS} views, which is the most. Delete one first.")
        values = {"query": kept, "is_shared": is_shared}
        return SavedView.objects.update_or_create(values, owner=user, page=page, name=name)[0]


@sync_to_async
def links_for(user: Any, page: str | None = None) -> list[ViewLink]:
    """The views that somebody may use, their own first, which no number of other people's keeps out."""
    is_others = Case(When(owner_id=user.pk, then=Value(0)), default=Value(1))
    found = SavedView.objects.seen_by(user, page).order_by(is_others, "name", "pk")[:MOST_SHOWN]
    return [_link(view, user) for view in found if view.page in PAGES]


def _link(view: SavedView, user: Any) -> ViewLink:
    path = reverse(view.page)
    return ViewLink(
        id=view.pk,
        name=view.name,
        page=PAGES[view.page],
        address=f"{path}?{view.query}" if view.query else path,
        owner=view.owner.get_username(),
        is_mine=view.owner_id == user.pk,
        is_shared=view.is_shared,
    )
