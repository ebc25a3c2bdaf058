"""Where errors stand, as an address asks for them."""

from __future__ import annotations

from typing import Final

from django.http import QueryDict

from jobs.inspection.groups import STANDINGS

ATTENTION: Final = ("open", "regressed")  # those that are listed unless one says which


def standing_in(query: QueryDict) -> str:
    """The standing that an address names; "" where it names none that there is."""
    named = query.get("status", "")
    return named if named in STANDINGS else ""


def standings_in(query: QueryDict) -> tuple[str, ...]:
    """The standings of the errors that an address lists."""
    named = standing_in(query)
    return (named,) if named else ATTENTION
