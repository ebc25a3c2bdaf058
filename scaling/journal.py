"""Writes decisions into the database: changes at once, and how often the rest was repeated once a minute."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, transaction
from django.db.models import QuerySet

from jobs.clock import to_datetime
from jobs.logs import get_logger
from jobs.trail.connection import brief, own
from jobs.words import storable

from .decision import Decision
from .entry import Entry
from .errors import told
from .models import ScalingDecision, ScalingPolicy
from .models.decision import KEPT
from .observation import Observation

log = get_logger(__name__)
FOLDED_EVERY: Final = 60.0  # seconds
REST: Final = 5.0  # seconds without another try after the database did not answer: pools wait meanwhile
MOST_WAITING: Final = 1000  # while the database is away
MOST_UNTOLD: Final = 20  # of a pool, that outlive this process
PRUNE_EVERY: Final = 100  # entries
LATEST: Final = ("proposed", "reason", "confidence", "inputs")  # what is that of the last of those which say the same


class Journal:
    """A decision that says what the one before said is counted there. What cannot be written now is written later."""

    def __init__(self) -> None:
        self._last: dict[str, ScalingDecision] = {}
        self._noted: dict[str, float] = {}
        self._waiting: dict[tuple[str, int, datetime], ScalingDecision] = {}
        self._untold: dict[str, list[Entry]] = {}
        self._rests_until = 0.0
        self._made = 0

    def write(self, policy: ScalingPolicy, seen: Observation, decision: Decision, stretch: int) -> None:
        """Keep one decision. Never raises for a database that is away."""
        self.keep(policy.pool, Entry.of(policy, seen, decision, stretch))

    def keep(self, pool: str, entry: Entry) -> None:
        """Keep one decision for a pool. Never raises for a database that is away."""
        row, last = _row(pool, entry), self._last.get(pool)
        if last is None or last.gist != row.gist:
            self._last[pool] = row
            self._untold[pool] = [*self._untold.get(pool, ()), entry][-MOST_UNTOLD:]
            self._wait_for(row)
            if last is not None and last.repeats:
                self._wait_for(last)
        else:
            last.repeats += 1
            last.last_at = row.at
            for name in LATEST:
                setattr(last, name, getattr(row, name))
            if time.monotonic() - self._noted.get(pool, 0.0) < FOLDED_EVERY:
                return
            self._wait_for(last)
        self._noted[pool] = time.monotonic()
        self._flush()

    def untold(self, pool: str) -> Sequence[Entry]:
        """The last decisions for a pool that the database does not have yet, oldest first."""
        return self._untold.get(pool, ())

    def recall(self, pool: str, entries: Iterable[Entry]) -> None:
        """Keep what another scaler decided for a pool, unless it could do so itself. Never raises like `keep`."""
        found = list(entries)
        if not found:
            return
        for entry in found:
            row = _row(pool, entry)
            row.is_recalled = True
            self._wait_for(row)
        self._untold[pool] = found[-MOST_UNTOLD:]
        self._flush()

    def finish(self) -> None:
        """Keep how often the last decisions were repeated, at an orderly end."""
        for row in self._last.values():
            if row.repeats:
                self._wait_for(row)
        self._flush()

    def rest(self) -> None:
        """Try nothing for a while: the database is known not to answer."""
        self._rests_until = time.monotonic() + REST

    def _wait_for(self, row: ScalingDecision) -> None:
        self._waiting[row.pool, row.stretch, row.at] = row
        if len(self._waiting) > MOST_WAITING:
            del self._waiting[next(iter(self._waiting))]

    def _flush(self) -> None:
        if time.monotonic() < self._rests_until:
            return
        try:
            with own() as using, brief(using):
                for row in self._waiting.values():
                    self._try(row, using)
            self._waiting.clear()
            self._untold.clear()
        except (DatabaseError, InterfaceError) as error:
            self.rest()
            log.warning("decisions are written later", waiting=len(self._waiting), error=str(error).strip())

    def _try(self, row: ScalingDecision, using: str) -> None:
        """Write one row; what the database never takes is dropped."""
        try:
            with transaction.atomic(using=using):
                if not (row.is_recalled and _is_told(row, using)):
                    self._save(row, using)
        except (DataError, IntegrityError, ValueError, TypeError) as error:
            log.warning("a decision cannot be kept", pool=row.pool, error=told(error))

    def _save(self, row: ScalingDecision, using: str) -> None:
        rows = ScalingDecision.objects.using(using)
        fields = {name: getattr(row, name) for name in ("repeats", "last_at", *LATEST)}
        if row.pk and rows.filter(pk=row.pk, pool=row.pool, at=row.at).update(**fields):
            return
        if rows.filter(pool=row.pool, at=row.at).exists():  # by whoever took over while this process was frozen
            return
        row.pk, row.stretch = None, _free(row, rows)
        row.save(using=using, force_insert=True)
        self._made += 1
        if self._made % PRUNE_EVERY == 1:
            edge = list(rows.filter(pool=row.pool).order_by("-at").values_list("at", flat=True)[KEPT : KEPT + 1])
            rows.filter(pool=row.pool, at__lte=edge[0]).delete() if edge else None


def _free(row: ScalingDecision, rows: QuerySet[ScalingDecision]) -> int:
    """The stretch to write a row for: its own, unless there was a decision for that before the clock stepped back, or
    while the policy's interval was another one; then one that is free."""
    of_pool = rows.filter(pool=row.pool)
    if not of_pool.filter(stretch=row.stretch).exists():
        return row.stretch
    return 1 + max(of_pool.order_by("-stretch").values_list("stretch", flat=True)[:1])


def _is_told(row: ScalingDecision, using: str) -> bool:
    """Whether the database tells of a recalled decision: by itself, or as one more of those which say the same."""
    rows = ScalingDecision.objects.using(using).filter(pool=row.pool, at__lte=row.at)
    before = rows.order_by("-at", "-id").first()
    if before is None or before.at == row.at:
        return before is not None
    if before.gist != row.gist or row.at - before.last_at > timedelta(seconds=2 * FOLDED_EVERY):
        return False
    if before.last_at >= row.at:
        return True
    fields = {name: getattr(row, name) for name in LATEST}
    return bool(rows.filter(pk=before.pk).update(repeats=before.repeats + 1, last_at=row.at, **fields))


def _row(pool: str, entry: Entry) -> ScalingDecision:
    seen, decision = entry.seen, entry.decision
    at = to_datetime(int(seen.at * 1000))
    inputs: dict[str, Any] = msgspec.to_builtins(seen)
    return ScalingDecision(
        pool=pool,
        stretch=entry.stretch,
        at=at,
        last_at=at,
        action=decision.action.value,
        current=decision.current,
        target=decision.target,
        proposed=decision.proposed,
        reason=decision.reason,
        confidence=decision.confidence,
        strategy=storable(decision.strategy)[:200],
        guard=storable(decision.guard or "")[:64],
        dry_run=entry.dry_run,
        inputs=inputs,
    )
