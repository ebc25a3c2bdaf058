"""What scaling decides, for those who scrape."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from django.db import DatabaseError, InterfaceError

from jobs.errors import StoreSpoilt
from jobs.store.store import Store
from jobs.trail.connection import borrowed
from scaling.api.timeline import steps_of
from scaling.memo import read_memo
from scaling.models import ScalingPolicy
from scaling.policies import MOST_POOLS

from .metric_families import Families

LOOKS: Final = 60


def with_policy() -> set[str]:
    """The pools that have a policy: also those that another autoscaler keeps at zero. None while the
    database is away."""
    with suppress(DatabaseError, InterfaceError), borrowed() as using:
        return set(ScalingPolicy.objects.using(using).values_list("pool", flat=True)[:MOST_POOLS])
    return set()


def tell_scaling(families: Families, store: Store, pools: Iterable[str]) -> None:
    """Add what was decided for pools, as far as anything was. Raises StoreError."""
    now = store.reader.now_ms() / 1000
    for pool in pools:
        try:
            kept = store.scaling.kept(pool, LOOKS, model=False)
        except StoreSpoilt:  # health says so; the others are told of
            continue
        for kind, count in kept.made.items():
            strategy, _, action = kind.partition("|")
            families.add("scaling_decisions_total", count, pool, strategy, action)
        steps, goal = steps_of(kept), read_memo(kept.memory).goal
        if not steps:
            continue
        last = steps[-1]
        families.add("scaling_target_workers", last.decided, pool)
        families.add("scaling_supply_workers", last.observation.supply, pool)
        families.add("scaling_observation_age_seconds", max(now - last.observation.at, 0.0), pool)
        if goal:
            held = sum(step.observation.oldest_age <= goal for step in steps)
            families.add("scaling_wait_goal_seconds", goal, pool)
            families.add("scaling_goal_kept_ratio", held / len(steps), pool)
