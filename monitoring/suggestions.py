"""What may be filtered by: the types, queues and errors that there are."""

from __future__ import annotations

import asyncio
from typing import Final

import msgspec
from django.http import QueryDict

from jobs.access.pages import PersonRequest
from jobs.api.routes import groups, queues, types
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
    kinds, lines, found = await asyncio.gather(
        ask(request, types.list_types),
        ask(request, queues.list_queues),
        ask(request, groups.list_dead_groups, query=largest),
    )
    # What comes before the colon is the error's class, which errors of one kind have in common.
    names = dict.fromkeys(group.error.partition(":")[0].strip()[:80] for group in found.items if group.error)
    return Suggestions(
        types=[line.type for line in kinds.items][:MOST],
        queues=[line.name for line in lines.items][:MOST],
        errors=[name for name in names if name],
    )
