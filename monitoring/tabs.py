"""The tabs over the list of jobs, with counts as far as they are known of what is listed; and how many jobs match."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from jobs.inspection.figures import QueueLine
from jobs.inspection.search import Page
from jobs.states import State

from .listing import Listing

STATES: Final = ("pending", "active", "scheduled", "retrying", "blocked", "completed", "dead", "cancelled")
OF_A_QUEUE: Final = ("pending", "active", "scheduled", "retrying", "dead")
_BY_INDEX: Final = ({"type"}, {"error"})


class Tab(msgspec.Struct, frozen=True):
    """One state, or all of them. `count` None: it is not known how many of its jobs match."""

    word: str
    to: str
    current: bool
    count: int | None


def tabs_of(
    listing: Listing, by_state: Mapping[str, int], lines: Sequence[QueueLine], matching: int | None
) -> list[Tab]:
    """The tabs of a list. `lines` are the queues that it is about, where its address names some.

    With a filter a tab has the count of what matches, where that is read from figures that are kept; else it has none.
    """
    chosen = listing.said.get("status", [])
    others = {name: value for name, value in listing.said.items() if name != "status"}
    counts: dict[str, int | None] = {}
    if not others:
        counts = {"all": sum(by_state.values()), **by_state}
    elif others.keys() == {"queue"}:
        counts = {state: sum(getattr(line, state) for line in lines) for state in OF_A_QUEUE}
    if matching is not None and len(chosen) < 2:
        counts.setdefault(chosen[0] if chosen else "all", matching)
    tabs = [Tab("all", listing.address(others), not chosen, counts.get("all"))]
    for state in STATES:
        if state != "blocked" or by_state[state]:
            to = listing.address({"status": [state], **others})
            tabs.append(Tab(state, to, chosen == [state], counts.get(state)))
    return tabs


def matching_of(listing: Listing, page: Page, scope: str) -> int | None:
    """How many jobs match, where an index tells, or where the page has them all; None where that is not known."""
    if listing.is_first and page.next_cursor is None:
        return len(page.items)
    states = ["dead"] if scope == "dlq" else listing.said.get("status", [])
    others = listing.said.keys() - {"status"}
    is_of_index = not others or (states == ["dead"] and others in _BY_INDEX and listing.names_errors)
    return page.searched.of if len(states) < 2 and is_of_index else None


def states_of(listing: Listing, scope: str) -> tuple[State, ...]:
    """The states that listed jobs may be in; none for any."""
    words = ["dead"] if scope == "dlq" else listing.said.get("status", [])
    return tuple(State.from_label(word) for word in words if word in STATES)
