"""Lists of jobs: step by step through the store, page by page onto the screen."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from jobs.inspection.items import JobItem
from jobs.inspection.search import Page
from jobs.inspector import MOST_ITEMS
from jobs.store.store import Store
from jobs.words import when

from .command import Options
from .screen import COLOURS, Screen
from .table import Column

Fetch = Callable[[int, str], Page]  # limit, cursor

USUAL: Final = 50
JOB_COLUMNS: Final = (
    Column("ID", least=40),
    Column("STATE", colours=COLOURS),
    Column("TYPE", least=8),
    Column("QUEUE", least=7, drop=2),
    Column("TRIES", drop=3, right=True),
    Column("WHEN"),
    Column("ERROR OR PAYLOAD", least=16, drop=4),
)
DEAD_COLUMNS: Final = (
    Column("ID", least=40),
    Column("TYPE", least=8),
    Column("QUEUE", least=7, drop=3),
    Column("TRIES", drop=2, right=True),
    Column("DIED"),
    Column("ERROR", least=24),
)


def add_listing(parser: ArgumentParser) -> None:
    """The arguments of every list."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--limit", type=_limit, default=USUAL, metavar="N", help="the most to show (%(default)s)")
    group.add_argument("--all", action="store_true", help="show all of them")


def show_jobs(screen: Screen, store: Store, fetch: Fetch, options: Options, *, dead: bool = False) -> None:
    """Write the jobs that `fetch` finds, and whether there are more."""
    limit = None if options["all"] else options["limit"]
    table = screen.table(DEAD_COLUMNS if dead else JOB_COLUMNS)
    row = _dead_row if dead else _job_row
    now_ms = store.reader.now_ms()
    count = 0
    for items, goes_on in _pages(screen, fetch, limit):
        screen.clear()
        if options["json"]:
            for item in items:
                screen.document(item)
        elif items or not (count or goes_on):
            for line in table.lines([row(item, now_ms) for item in items]):
                screen.line(line)
        count += len(items)
        if goes_on and count == limit:
            screen.note("There may be more: see --limit and --all.")


def _pages(screen: Screen, fetch: Fetch, limit: int | None) -> Iterator[tuple[Sequence[JobItem], bool]]:
    """Items step by step, each time with whether there may be more after them."""
    cursor, left = "", limit
    while left is None or left > 0:
        page = fetch(min(left or MOST_ITEMS, MOST_ITEMS), cursor)
        cursor = page.next_cursor or ""
        left = None if left is None else left - len(page.items)
        yield page.items, bool(cursor)
        if not cursor:
            return
        if left != 0:
            screen.progress("Looking", page.searched.count, page.searched.of)


def _job_row(item: JobItem, now_ms: int) -> Sequence[str]:
    if item.unreadable:
        return item.job_id, "unreadable", "", "", "", "", ""
    detail = item.error or item.payload_preview
    return (
        item.job_id,
        item.status or "",
        item.type or "",
        item.queue or "",
        tries(item),
        _when(item, now_ms),
        detail or "",
    )


def _dead_row(item: JobItem, now_ms: int) -> Sequence[str]:
    error = "unreadable" if item.unreadable else item.error
    return item.job_id, item.type or "", item.queue or "", tries(item), when(item.finished_at, now_ms), error or ""


def tries(item: JobItem) -> str:
    """Attempts spent of those there are: 1/4."""
    return "" if item.attempts is None or item.max_retries is None else f"{item.attempts}/{item.max_retries + 1}"


def _when(item: JobItem, now_ms: int) -> str:
    """When it ended, else when it began, else when it was or will be due."""
    return when(item.finished_at or (item.started_at if item.status == "active" else item.run_at), now_ms)


def _limit(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:12]) <= 10**9:
        raise ArgumentTypeError(f"{text!r}: give a whole number from 1 on")
    return int(text)
