"""Whether pools are scaled, and do as they are told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from jobs.errors import StoreSpoilt
from jobs.inspection.status import GRACE_MS, Part
from jobs.store.store import Store
from jobs.trail.connection import borrowed
from jobs.words import lasting, several

from .memo import read_memo
from .models import ScalingPolicy
from .models.actuator_name import ActuatorName
from .policies import MOST_POOLS
from .record import Step, read_steps
from .scaler import NAME

OBEY_MS: Final = 60_000  # that a pool has to become as large as it should be
STRAY: Final = 30.0  # seconds more for one that had time, where it is decided for anew meanwhile
STEPS: Final = 90  # decisions that are looked at: at one a second more than OBEY_MS
STALE_MS: Final = 30_000  # without a decision that was due
UNDECIDED: Final = "has not been decided for"
UNREADABLE: Final = "cannot be read"


def scaling_part(store: Store) -> Part:
    """Degraded where pools have a policy and no scaler runs, and where a pool does not follow. Raises StoreError."""
    with borrowed() as using:
        rows = (
            ScalingPolicy.objects.using(using).filter(enabled=True, dry_run=False).exclude(actuator=ActuatorName.NONE)
        )
        every = list(rows.values_list("pool", flat=True))
    pools, more = every[:MOST_POOLS], len(every) - MOST_POOLS
    if not pools:
        return Part(name="scaling", status="healthy", detail="no policy is to be carried out")
    vacant = store.keeper.vacancies([NAME]).get(NAME, 0)
    if vacant >= GRACE_MS:
        detail = f"no scaler has run for {lasting(vacant)}: pools stay as large as they are"
        return Part(name="scaling", status="degraded", detail=detail)
    troubles = [trouble for pool in pools if (trouble := trouble_of(store, pool))]
    if more > 0:
        troubles.append(f"{several(more, 'pool')} beyond the first {MOST_POOLS} may not be decided for")
    return Part(name="scaling", status="degraded" if troubles else "healthy", detail="; ".join(troubles))


def trouble_of(store: Store, pool: str) -> str:
    """In what a pool does not do as it is told; "" where it does, or still has time to. Raises StoreError.

    Also what is known of it that cannot be read: that is its own trouble, and nobody else's.
    """
    try:
        return _trouble(store, pool)
    except StoreSpoilt as error:
        return f"pool {pool} {UNREADABLE}: {error}"


def _trouble(store: Store, pool: str) -> str:
    kept, now_ms = store.scaling.kept(pool, STEPS, model=False), store.reader.now_ms()
    overdue = now_ms - _due(kept.stretch, now_ms)
    if overdue > STALE_MS:
        return f"pool {pool} {UNDECIDED} in {lasting(overdue)}"
    memo = read_memo(kept.memory)
    if memo.bar:
        return f"pool {pool}: {memo.bar}" if memo.is_trouble else ""
    if kept.desired is None:
        return ""
    alive = [seen for seen in store.registry.workers() if seen.alive and seen.info.pool == pool]
    working = sum(seen.info.status != "draining" for seen in alive)
    has_had_time = not 0 <= now_ms - kept.changed_ms < OBEY_MS  # nor has a clock that stepped back more to give
    if working < kept.desired and (has_had_time or _never_came(read_steps(kept.steps), working, now_ms)):
        return _too_few(store, pool, kept.desired, working)
    has_had_time = has_had_time or 0 < memo.astray <= now_ms / 1000 - STRAY
    if has_had_time and working > kept.desired and working > store.registry.obeying(pool, kept.desired):
        return f"pool {pool} has {several(working, 'worker')} and should have {kept.desired}"
    return ""


def _never_came(steps: Sequence[Step], working: int, now_ms: int) -> bool:
    """Whether for a minute there were fewer workers than the least number decided on, however that changed."""
    edge = now_ms / 1000 - OBEY_MS / 1000
    before = [step for step in steps if step.observation.at <= edge]
    since = [step for step in steps if edge < step.observation.at]
    if not before:
        return False
    least = min(step.decided for step in [before[-1], *since])
    return least > max([working, *(step.observation.workers for step in since)])


def _due(stretch: str, now_ms: int) -> int:
    """When a pool is to be decided for that was so last for a stretch of time (ms); now where it never was."""
    interval, _, number = stretch.partition(":")
    try:
        return int(float(interval) * (int(number) + 1) * 1000)
    except (ValueError, OverflowError):
        return now_ms


def _too_few(store: Store, pool: str, desired: int, working: int) -> str:
    most = store.registry.most_workers([pool]).get(pool)
    said = f"pool {pool} has {several(working, 'worker')} and should have {desired}"
    if most is None:
        return f"{said}: no supervisor of it lives"
    return f"{said}: its hosts can run {most} at most" if most < desired else said
