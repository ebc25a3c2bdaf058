"""What an address asks of the audit trail."""

from __future__ import annotations

from typing import Final

from django.http import QueryDict

LISTS: Final = ("action", "actor", "target", "status", "operationId")
SINGLES: Final = ("after", "before", "q")


def pairs_of(query: QueryDict) -> list[tuple[str, str]]:
    """The API's filter in a query string, as (parameter, value); empty parameters say nothing."""
    return [(name, each) for name in (*LISTS, *SINGLES) for each in query.getlist(name) if each]
