"""What may be filtered by: the types, queues and errors that there are."""

from __future__ import annotations

from typing import Final

import msgspec
from django.http import QueryDict

from jobs.access.pages import PersonRequest
from jobs.api.gateway import get_gateway
from jobs.api.problems import problem_of
from jobs.api.routes import groups
from jobs.errors import StoreError
from jobs.store.store import Store
from jobs.types import Priority

from .asking import ask

MOST: Final = 200  # types, queues
MOST_ERRORS: Final = 30  # groups, the largest: each may have to be masked for this person


class Suggestions(msgspec.Struct, frozen=True):
    """Values that a filter can have; others may be typed."""

    types: list[str]
    queues: list[str]
    errors: list[str]
    priorities: tuple[str, ...] = tuple(priority.label for priority in Priority)


async def suggestions_for(request: PersonRequest) -> Suggestions:
    """What this person may be told of. Raises Problem."""
    largest = QueryDict(f"limit={MOST_ERRORS}")
    found = await ask(request, groups.list_dead_groups, query=largest)  # refuses who may not look: names come after it
    try:
        types, queues = await get_gateway().run(_names)
    except StoreError as error:
        raise problem_of(error) from error
    # What comes before the colon is the error's class, which errors of one kind have in common.
    names = dict.fromkeys(group.error.partition(":")[0].strip()[:80] for group in found.items if group.error)
    return Suggestions(types=types[:MOST], queues=queues[:MOST], errors=[name for name in names if name])


def _names(store: Store) -> tuple[list[str], list[str]]:
    """The types and queues that there are: their names alone, not the figures that the API has of each."""
    types = {*store.reader.types(), *store.registry.known_types(), *store.type_pauses.all()}
    return sorted(types), store.reader.queue_names()
