"""Policies as the scaler reads them: from the database, and from memory while that is away."""

from __future__ import annotations

from collections.abc import Iterable
from time import monotonic
from typing import Final

from django.core.exceptions import ValidationError
from django.db import DatabaseError, InterfaceError
from django.db.models import Case, QuerySet, When

from jobs.logs import get_logger
from jobs.store.store import Store
from jobs.trail.connection import brief, own

from .models import ScalingPolicy

log = get_logger(__name__)
MOST_POOLS: Final = 100
TAKEN: Final = ("deployment", "namespace")  # what another policy acts on already
ENVIRONMENT: Final = "environment"  # who has "changed" a first policy
REST: Final = 5.0  # seconds without another look after the database did not answer


class Policies:
    """One query a look. A pool that has no policy gets its first one, as environment variables say."""

    def __init__(self, store: Store) -> None:
        self._config = store.config
        self._known: dict[str, ScalingPolicy] = {}
        self.is_away = False
        self._rests_until = 0.0

    def of(self, pools: Iterable[str]) -> list[ScalingPolicy]:
        """The policies of some pools and of all others that have one, by name."""
        wanted = sorted(pools)[:MOST_POOLS]
        if monotonic() >= self._rests_until:
            self._read(wanted)
        unknown = [ScalingPolicy.first(pool, self._config) for pool in wanted if pool not in self._known]
        return sorted([*self._known.values(), *unknown], key=lambda policy: policy.pool)

    def _read(self, wanted: list[str]) -> None:
        try:
            with own() as using, brief(using):
                self._known = {each.pool: each for each in _saved(wanted, using)}
                for pool in wanted:
                    if pool not in self._known:
                        self._known[pool] = self._begun(pool, using)
            self._say(away=False)
        except (DatabaseError, InterfaceError) as error:
            self._rests_until = monotonic() + REST
            self._say(away=True, error=str(error).strip())

    def _begun(self, pool: str, using: str) -> ScalingPolicy:
        first = ScalingPolicy.first(pool, self._config)
        first.updated_by = ENVIRONMENT
        try:
            first.full_clean(validate_unique=False)
        except ValidationError as error:
            first.dry_run = not error.message_dict.keys().isdisjoint(TAKEN)
            log.warning("a pool's first policy is wrong", pool=pool, why=error.messages, dry_run=first.dry_run)
        first.save(using=using)
        log.info("a pool has its first scaling policy", pool=pool, strategy=first.strategy)
        return first

    def _say(self, *, away: bool, error: str = "") -> None:
        if away != self.is_away:
            self.is_away = away
            if away:
                log.warning("policies cannot be read: the last ones hold", error=error)
            else:
                log.info("policies can be read again")


def _saved(wanted: list[str], using: str) -> QuerySet[ScalingPolicy]:
    """The policies of the wanted pools first: what lives is never driven by first values that somebody has changed."""
    first = Case(When(pool__in=wanted, then=0), default=1)
    return ScalingPolicy.objects.using(using).order_by(first, "pool")[:MOST_POOLS]
