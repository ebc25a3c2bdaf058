"""What may be filtered by: the types, queues and errors that there are, and the tags of the newest jobs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import msgspec
from asgiref.sync import sync_to_async
from django.http import QueryDict

from jobs.access.pages import PersonRequest
from jobs.api.gateway import get_gateway
from jobs.api.problems import Problem, problem_of
from jobs.api.routes import groups
from jobs.errors import StoreError
from jobs.handlers.discovery import known_handlers
from jobs.store.partitions.rest import of_the_rest
from jobs.store.store import Store
from jobs.types import Priority

from .asking import ask

MOST: Final = 200  # types, queues, tags
MOST_ERRORS: Final = 30  # groups, the largest: each may have to be masked for this person
MOST_BYTES: Final = 16 * 1024  # of a job whose tags are looked for
MOST_BYTES_IN_ALL: Final = 512 * 1024
NEWEST: Final = 300


class Suggestions(msgspec.Struct, frozen=True):
    """Values that a filter can have; others may be typed."""

    types: list[str]
    queues: list[str]
    errors: list[str]
    tags: list[str] = []
    priorities: tuple[str, ...] = tuple(priority.label for priority in Priority)


async def suggestions_for(request: PersonRequest, ids: Sequence[str] = ()) -> Suggestions:
    """What this person may be told of; `ids` are the jobs that are listed. Raises Problem."""
    largest = QueryDict(f"limit={MOST_ERRORS}")
    found = await ask(request, groups.list_dead_groups, query=largest)  # refuses who may not look: names come after it
    try:
        types, queues, tags = await get_gateway().run(of_the_rest(lambda store: (*_names(store), _tags(store, ids))))
    except StoreError as error:
        raise problem_of(error) from error
    # What comes before the colon is the error's class, which errors of one kind have in common.
    names = dict.fromkeys(group.error.partition(":")[0].strip()[:80] for group in found.items if group.error)
    errors = [name for name in names if name]
    return Suggestions(types=types[:MOST], queues=queues[:MOST], errors=errors, tags=tags)


async def all_suggestions(request: PersonRequest) -> Suggestions:
    """The same with the types that this process has handlers for; without a store only those."""
    declared = {handler.name for handler in await sync_to_async(known_handlers)()}
    try:
        found = await suggestions_for(request)
    except Problem:
        return Suggestions(sorted(declared), [], [])
    return Suggestions(sorted({*found.types, *declared}), found.queues, [])


def _names(store: Store) -> tuple[list[str], list[str]]:
    """The types and queues that there are: their names alone, not the figures that the API has of each."""
    types = {*store.reader.types(), *store.registry.known_types(), *store.type_pauses.all()}
    return sorted(types), store.reader.queue_names()


def _tags(store: Store, ids: Sequence[str]) -> list[str]:
    """The tags of some jobs and of the newest ones, those that most of these have.

    Nothing lists all tags: an index of tags has a key for each.
    """
    reader = store.reader
    newest = [place.id for place in reader.walk(reader.indexes(None), NEWEST)]
    found: Counter[str] = Counter()
    unread: list[str] = []
    room = MOST_BYTES_IN_ALL
    for row in store.browser.rows(list(dict.fromkeys((*ids, *newest)))):
        if row.record is None:
            continue
        found.update(row.record.tags)
        if not row.record.tags and row.record.size <= min(MOST_BYTES, room):
            unread.append(row.id)
            room -= row.record.size
    for envelope in reader.envelopes(unread):
        found.update(envelope.tags if envelope else ())
    return sorted(tag for tag, _ in found.most_common(MOST))
