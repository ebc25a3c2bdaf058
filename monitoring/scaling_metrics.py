"""What scaling decides, for those who scrape."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from django.db import DatabaseError, InterfaceError

from jobs.errors import StoreSpoilt
from jobs.store import histogram
from jobs.store.scaling import Kept
from jobs.store.store import Store
from jobs.trail.connection import borrowed
from scaling.api.timeline import steps_of, waits_of
from scaling.memo import read_memo
from scaling.models import ScalingPolicy
from scaling.policies import MOST_POOLS

from .metric_families import Families

LOOKS: Final = 60
WINDOW: Final = 300  # seconds that the share within the goal is of


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
        with suppress(StoreSpoilt):  # health says so; the others are told of
            kept = store.scaling.kept(pool, LOOKS, model=False)
            _tell_decisions(families, kept, now, pool)
            _tell_goal(families, store, kept, pool)


def _tell_decisions(families: Families, kept: Kept, now: float, pool: str) -> None:
    for kind, count in kept.made.items():
        strategy, _, action = kind.partition("|")
        families.add("scaling_decisions_total", count, pool, strategy, action)
    if steps := steps_of(kept):
        last = steps[-1]
        families.add("scaling_target_workers", last.decided, pool)
        families.add("scaling_supply_workers", last.observation.supply, pool)
        families.add("scaling_observation_age_seconds", max(now - last.observation.at, 0.0), pool)


def _tell_goal(families: Families, store: Store, kept: Kept, pool: str) -> None:
    """How well the goal of the last decision is held: by what the scaler saw, and by what jobs met."""
    steps, goal = steps_of(kept), read_memo(kept.memory).goal
    if not steps or not goal:
        return
    families.add("scaling_wait_goal_seconds", goal, pool)
    families.add(
        "scaling_goal_kept_ratio", sum(each.observation.oldest_age <= goal for each in steps) / len(steps), pool
    )
    waits = waits_of(store, kept, WINDOW)
    families.add("scaling_goal_executions", histogram.count_of(waits), pool)
    if (share := histogram.share_within(waits, goal * 1000)) is not None:
        families.add("scaling_within_goal_ratio", share, pool)
