"""What errors are called: the line and the types of a group instead of its fingerprint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Protocol

from django.http import QueryDict

from jobs.access.pages import PersonRequest
from jobs.api.bodies.filters import is_fingerprint
from jobs.api.routes import groups

from .asking import ask

MOST: Final = 20
FIELDS: Final = ("error", "fingerprint")


class Named(Protocol):
    """What has the name of an error: a line of groups, an error of an operation."""

    @property
    def fingerprint(self) -> str:
        """What the errors have in common."""

    @property
    def error(self) -> str:
        """One of them, on one line, as this person may see it."""

    @property
    def types(self) -> list[str]:
        """The job types it is of."""


Names = Mapping[str, Named]


def fingerprints_in(wanted: Mapping[str, Any]) -> list[str]:
    """The fingerprints among the values of a filter."""
    values = [each for field in FIELDS for each in wanted.get(field, ())]
    return [each for each in dict.fromkeys(values) if is_fingerprint(each)]


async def names_of(request: PersonRequest, fingerprints: Iterable[str]) -> dict[str, Named]:
    """The groups that there are now of some fingerprints, as this person may see them. Raises Problem."""
    wanted = list(fingerprints)[:MOST]
    if not wanted:
        return {}
    query = QueryDict(mutable=True)
    query.setlist("fingerprint", wanted)
    found = await ask(request, groups.list_dead_groups, query=query)
    return {each.fingerprint: each for each in found.items}
