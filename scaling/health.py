"""Whether pools are scaled, and do as they are told."""

from __future__ import annotations

from typing import Final

from jobs.inspection.status import GRACE_MS, Part
from jobs.store.store import Store
from jobs.trail.connection import borrowed

from .memo import read_memo
from .models import ScalingPolicy
from .models.actuator_name import ActuatorName
from .scaler import NAME

OBEY_MS: Final = 60_000  # that a pool has to become as large as it should be
MOST_POOLS: Final = 100


def scaling_part(store: Store) -> Part:
    """Degraded where pools have a policy and no scaler runs, and where a pool does not follow. Raises StoreError."""
    with borrowed() as using:
        rows = (
            ScalingPolicy.objects.using(using).filter(enabled=True, dry_run=False).exclude(actuator=ActuatorName.NONE)
        )
        pools = list(rows.values_list("pool", flat=True)[:MOST_POOLS])
    if not pools:
        return Part(name="scaling", status="healthy", detail="no pool has a policy")
    vacant = store.keeper.vacancies([NAME]).get(NAME, 0)
    if vacant >= GRACE_MS:
        detail = f"no scaler has run for {vacant // 1000} s: pools stay as large as they are"
        return Part(name="scaling", status="degraded", detail=detail)
    troubles = [trouble for pool in pools if (trouble := trouble_of(store, pool))]
    return Part(name="scaling", status="degraded" if troubles else "healthy", detail="; ".join(troubles))


def trouble_of(store: Store, pool: str) -> str:
    """In what a pool does not do as it is told; "" where it does, or still has time to. Raises StoreError."""
    kept, now_ms = store.scaling.kept(pool, steps=0), store.reader.now_ms()
    memo = read_memo(kept.memory)
    if memo.bar:
        return f"pool {pool}: {memo.bar}" if memo.is_trouble else ""
    if kept.desired is None or now_ms - kept.changed_ms < OBEY_MS:
        return ""
    alive = [seen for seen in store.registry.workers() if seen.alive and seen.info.pool == pool]
    working = sum(seen.info.status != "draining" for seen in alive)
    hosts = len({seen.info.supervisor for seen in alive})
    if working < kept.desired:
        return _too_few(store, pool, kept.desired, working)
    if working > max(kept.desired, hosts * store.config.min_workers):
        return f"pool {pool} has {working} workers and should have {kept.desired}"
    return ""


def _too_few(store: Store, pool: str, desired: int, working: int) -> str:
    most = store.registry.most_workers([pool]).get(pool)
    said = f"pool {pool} has {working} workers and should have {desired}"
    if most is None:
        return f"{said}: no supervisor of it lives"
    return f"{said}: its hosts can run {most} at most" if most < desired else said
