"""Pools as the API shows them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from jobs.api.call import Call
from jobs.api.problems import not_found
from jobs.clock import isoformat, to_instant_ms
from jobs.errors import StoreSpoilt
from jobs.store.scaling import Kept
from jobs.store.store import Store
from jobs.trail.connection import borrowed
from scaling import orders
from scaling.health import trouble_of
from scaling.memo import read_memo
from scaling.models import ScalingDecision, ScalingPolicy
from scaling.models.policy import POOL_NAME, UNREACHABLE
from scaling.policies import MOST_POOLS

from .answers import DecisionView, PolicyView, PoolScaling, hand_view, pause_view
from .timeline import steps_of

_NAME: Final = re.compile(rf"{POOL_NAME}\Z")
SEEN_FOR: Final = 60.0  # seconds that the last look tells of the present


def known(call: Call[Any, Any], pool: str) -> ScalingPolicy:
    """The policy of a pool that is there: saved, or else as environment variables say. Raises Problem 404."""
    if _NAME.match(pool):
        with borrowed() as using:
            saved = ScalingPolicy.objects.using(using).filter(pool=pool).first()
        if saved is not None:
            return saved
        if pool in _pools(call.store):
            return ScalingPolicy.first(pool, call.config)
    raise not_found("There is no such pool.")


def every_pool(call: Call[Any, Any]) -> tuple[list[ScalingPolicy], int]:
    """The policies of all pools that are there or have one, by name, 100 at most; and how many more there are."""
    there = {name for name in _pools(call.store) if _NAME.match(name) and name not in UNREACHABLE}
    with borrowed() as using:
        rows = ScalingPolicy.objects.using(using)
        every = sorted(there.union(rows.values_list("pool", flat=True)))
        names = every[:MOST_POOLS]
        saved = {each.pool: each for each in rows.filter(pool__in=names)}
    found = [saved.get(name) or ScalingPolicy.first(name, call.config) for name in names]
    return found, len(every) - len(names)


def shown(call: Call[Any, Any], policy: ScalingPolicy) -> PoolScaling:
    """A pool now."""
    return all_shown(call, [policy])[0]


def all_shown(call: Call[Any, Any], policies: Sequence[ScalingPolicy]) -> list[PoolScaling]:
    """Pools now."""
    store = call.store
    alive = Counter(seen.info.pool for seen in store.registry.workers() if seen.alive)
    most = store.registry.most_workers([policy.pool for policy in policies])
    found = []
    for policy in policies:
        pool, trouble = policy.pool, ""
        try:
            kept = store.scaling.kept(pool, steps=1, model=False)
        except StoreSpoilt:  # which costs this pool its figures, and no other
            kept, trouble = Kept(desired=store.registry.desired().get(pool)), trouble_of(store, pool)
        if not trouble and policy.enabled and policy.is_ours:
            trouble = trouble_of(store, pool)
        found.append(_shown(call, policy, kept, trouble, alive[pool], most.get(pool, 0)))
    return found


def _shown(
    call: Call[Any, Any], policy: ScalingPolicy, kept: Kept, trouble: str, current: int, most: int
) -> PoolScaling:
    pool, now_ms = policy.pool, call.store.reader.now_ms()
    with borrowed() as using:
        last = ScalingDecision.objects.using(using).filter(pool=pool).order_by("-at", "-id").first()
    saved = policy.pk is not None
    latency, memo = _latency(kept, now_ms), read_memo(kept.memory)
    return PoolScaling(
        pool=pool,
        version=policy.version,
        policy=PolicyView.of(policy),
        changed_at=isoformat(to_instant_ms(policy.updated_at)) if saved else None,
        changed_by=policy.updated_by or None,
        desired=kept.desired,
        current=current,
        most=most,
        latency=latency,
        holds_goal=None if latency is None else latency <= policy.wait_goal * 1000,
        owner=memo.bar if memo.bar and not memo.is_trouble else None,
        trouble=trouble or None,
        by_hand=hand_view(orders.by_hand(kept, now_ms)),
        paused=pause_view(orders.paused(kept)),
        last_decision=DecisionView.of(last, call.redactor) if last else None,
        at=isoformat(now_ms),
    )


def _latency(kept: Kept, now_ms: int) -> int | None:
    """The age (ms) of the job that waited longest when the pool was looked at; None when nobody has for long."""
    for step in steps_of(kept):
        if now_ms / 1000 - step.observation.at <= SEEN_FOR:
            return round(step.observation.oldest_age * 1000)
    return None


def _pools(store: Store) -> set[str]:
    """The pools with a worker or a supervisor that lives, and those of which workers were ever desired."""
    alive = {seen.info.pool for seen in store.registry.workers() if seen.alive}
    return alive | store.registry.spoken_for().keys() | store.registry.desired().keys()
