"""Where one can go: the navigation as data."""

from __future__ import annotations

from typing import Final

import msgspec
from django.urls import reverse


class Place(msgspec.Struct, frozen=True):
    """An entry of the navigation: the name of its address, its word, its icon.

    `later`: on a phone it is behind "More". `after_gap`: some space stands before it. `key`: what g leads to it.
    """

    name: str
    word: str
    icon: str
    key: str
    later: bool = False
    after_gap: bool = False


PLACES: Final = (
    Place("overview", "Overview", "overview", "o"),
    Place("jobs", "Jobs", "jobs", "j"),
    Place("dead-letters", "Dead letters", "dead", "d"),
    Place("queues", "Queues", "queues", "q"),
    Place("workers", "Workers", "workers", "w", later=True, after_gap=True),
    Place("schedules", "Schedules", "scheduled", "s", later=True),
    Place("scaling", "Scaling", "scaling", "c", later=True),
    Place("operations", "Operations", "operations", "p", later=True, after_gap=True),
    Place("outbox", "Outbox", "outbox", "x", later=True),
    Place("audit", "Audit", "audit", "a", later=True),
)


def word_at(path: str) -> str:
    """The word of the place that a path is at or below; "" where there is none."""
    deep = (place.word for place in PLACES if place.name != "overview" and path.startswith(reverse(place.name)))
    return next(deep, PLACES[0].word if path == reverse("overview") else "")
