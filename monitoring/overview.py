"""What the first page shows, in one look at the store."""

from __future__ import annotations

from typing import NamedTuple

from jobs.dead_letter import DeadLetterQueue
from jobs.filtering import JobFilter
from jobs.inspection.groups import GroupLine, Groups, GroupsWanted
from jobs.inspection.items import JobItem
from jobs.inspection.wire import time_of
from jobs.inspector import Inspector
from jobs.redaction import Redactor
from jobs.store.store import Store

from .chart_cards import CardFigures, card_figures
from .crew import Crew
from .look import Look, look_at
from .queue_row import QueueRow

LATEST = 10
DEAD = 6
GROUPS = 6
QUEUES = 12
TROUBLED = 6  # queues over the charts
OPEN = ("open", "regressed")


class Overview(NamedTuple):
    """The page's parts. `now` is the store's time, as the wire writes it.

    `troubled` queues have a cause and stand over the charts, `rows` are others. `worst` is the error to look at first:
    the one that most jobs die of now, else the one that most have died of.
    """

    look: Look
    now: str
    created: int
    rates: dict[str, float]
    crew: Crew
    troubled: list[QueueRow]
    rows: list[QueueRow]
    cards: list[CardFigures]
    groups: list[GroupLine]
    worst: GroupLine | None
    dead: list[JobItem]
    latest: list[JobItem]


def overview_of(store: Store, redactor: Redactor | None = None) -> Overview:
    """Look at everything the page shows to somebody from whom a redactor hides fields. Raises StoreError."""
    look, dead_letters = look_at(store), DeadLetterQueue(store, redactor)
    figures = look.figures
    troubled = [row for row in look.rows[:TROUBLED] if row.cause.word]
    groups = dead_letters.groups(GroupsWanted(standings=OPEN, most=GROUPS, trend=True))
    return Overview(
        look=look,
        now=time_of(figures.now_ms) or "",
        created=figures.totals.get("created", 0),
        rates={"in": figures.rate("in"), "out": figures.rate("completed"), "failed": figures.rate("failed")},
        crew=Crew.of(look.workers, figures.states["active"]),
        troubled=troubled,
        rows=look.rows[len(troubled) : QUEUES],
        cards=card_figures(store, figures.now_ms),
        groups=groups,
        worst=next(iter([*_dying(dead_letters, look), *groups]), None),
        dead=dead_letters.jobs(JobFilter(), DEAD).items,
        latest=Inspector(store, redactor).jobs(JobFilter(), LATEST).items,
    )


def _dying(dead_letters: DeadLetterQueue, look: Look) -> list[GroupLine]:
    """The error that most jobs die of now, if many do."""
    found = {each.fingerprint: each.group for each in look.deaths[:1]}
    return dead_letters.groups(groups=Groups(found, {})) if found else []
