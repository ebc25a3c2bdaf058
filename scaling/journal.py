"""Writes decisions into the database: changes at once, and how often the rest was repeated once a minute."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any, Final

import msgspec
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, transaction

from jobs.clock import to_datetime
from jobs.logs import get_logger
from jobs.trail.connection import brief, own
from jobs.words import storable

from .deciding import BARRED
from .decision import Decision
from .errors import told
from .models import ScalingDecision, ScalingPolicy
from .models.decision import KEPT
from .observation import Observation

log = get_logger(__name__)
FOLDED_EVERY: Final = 60.0  # seconds
MOST_WAITING: Final = 1000  # while the database is away
PRUNE_EVERY: Final = 100  # entries
LONGEST_REASON: Final = 4000
LATEST: Final = ("proposed", "reason", "confidence", "inputs")  # what is that of the last of those which say the same


class Journal:
    """A decision that says what the one before said is counted there. What cannot be written now is written later."""

    def __init__(self) -> None:
        self._last: dict[str, ScalingDecision] = {}
        self._noted: dict[str, float] = {}
        self._waiting: dict[tuple[str, int, datetime], ScalingDecision] = {}
        self._made = 0

    def write(self, policy: ScalingPolicy, seen: Observation, decision: Decision, stretch: int) -> None:
        """Keep one decision. Never raises for a database that is away."""
        entry = _entry(policy, seen, decision, stretch)
        last = self._last.get(policy.pool)
        if last is None or last.gist != entry.gist:
            self._last[policy.pool] = entry
            self._wait_for(entry)
            if last is not None and last.repeats:
                self._wait_for(last)
        else:
            last.repeats += 1
            last.last_at = entry.at
            for name in LATEST:
                setattr(last, name, getattr(entry, name))
            if time.monotonic() - self._noted.get(policy.pool, 0.0) < FOLDED_EVERY:
                return
            self._wait_for(last)
        self._noted[policy.pool] = time.monotonic()
        self._flush()

    def _wait_for(self, entry: ScalingDecision) -> None:
        self._waiting[entry.pool, entry.stretch, entry.at] = entry
        if len(self._waiting) > MOST_WAITING:
            del self._waiting[next(iter(self._waiting))]

    def _flush(self) -> None:
        try:
            with own() as using, brief(using):
                for entry in self._waiting.values():
                    self._try(entry, using)
            self._waiting.clear()
        except (DatabaseError, InterfaceError) as error:
            log.warning("decisions are written later", waiting=len(self._waiting), error=str(error).strip())

    def _try(self, entry: ScalingDecision, using: str) -> None:
        """Write one entry; what the database never takes, or has for that stretch already, is dropped."""
        try:
            with transaction.atomic(using=using):
                self._save(entry, using)
        except (DataError, IntegrityError, ValueError, TypeError) as error:
            log.warning("a decision cannot be kept", pool=entry.pool, error=told(error))

    def _save(self, entry: ScalingDecision, using: str) -> None:
        rows = ScalingDecision.objects.using(using)
        fields = {name: getattr(entry, name) for name in ("repeats", "last_at", *LATEST)}
        key = {"pool": entry.pool, "stretch": entry.stretch, "at": entry.at}  # a clock may step back
        if rows.filter(**key).update(**fields):
            return
        entry.pk = None
        entry.save(using=using, force_insert=True)
        self._made += 1
        if self._made % PRUNE_EVERY == 1:
            edge = list(rows.filter(pool=entry.pool).order_by("-at").values_list("at", flat=True)[KEPT : KEPT + 1])
            rows.filter(pool=entry.pool, at__lte=edge[0]).delete() if edge else None


def _entry(policy: ScalingPolicy, seen: Observation, decision: Decision, stretch: int) -> ScalingDecision:
    at = to_datetime(int(seen.at * 1000))
    inputs: dict[str, Any] = msgspec.to_builtins(seen)
    return ScalingDecision(
        pool=policy.pool,
        stretch=stretch,
        at=at,
        last_at=at,
        action=decision.action.value,
        current=decision.current,
        target=decision.target,
        proposed=decision.proposed,
        reason=storable(decision.reason)[:LONGEST_REASON],
        confidence=decision.confidence,
        strategy=storable(decision.strategy)[:200],
        guard=storable(decision.guard or "")[:64],
        dry_run=not policy.is_ours or decision.guard == BARRED,
        inputs=inputs,
    )
