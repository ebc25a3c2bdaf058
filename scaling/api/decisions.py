"""Which decisions are meant."""

from __future__ import annotations

from typing import Annotated

import msgspec
from django.db.models import Q

from jobs.api.bodies.filters import PageQuery
from jobs.inspection.wire import about
from scaling.decision import Action

GuardWord = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern="^[a-z_]+$")]


class DecisionsQuery(PageQuery, frozen=True):
    """A page of decisions. A repeated parameter means or."""

    changed: Annotated[bool, about("Only those that changed the number of workers")] = False
    guard: Annotated[tuple[GuardWord, ...], about("Only those that one of these guards changed")] = ()


class OfPool(msgspec.Struct, frozen=True, tag="scaling"):
    """The filter of a list of decisions, which its cursors are bound to."""

    pool: str
    changed: bool = False
    guard: tuple[str, ...] = ()

    @classmethod
    def of(cls, pool: str, query: DecisionsQuery) -> OfPool:
        """What a query wants of a pool."""
        return cls(pool, query.changed, query.guard)

    def matching(self) -> Q:
        """The condition for the database."""
        found = Q(pool=self.pool)
        if self.changed:
            found &= Q(action__in=(Action.SCALE_UP.value, Action.SCALE_DOWN.value))
        if self.guard:
            found &= Q(guard__in=self.guard)
        return found
