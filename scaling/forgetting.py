"""Pools that are no more: nobody decides for them, and no list, metric or health report names them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from jobs.store.store import Store

from .models import ScalingDecision, ScalingPolicy
from .models.actuator_name import ActuatorName
from .policies import ENVIRONMENT
from .surroundings import Surroundings

FORGET_AFTER_MS: Final = 7 * 86_400_000  # without a supervisor


def forget_in_store(store: Store, pool: str) -> bool:
    """Forget all that the store keeps of a pool. For ten seconds nothing is decided for it: forget its rows meanwhile.

    False, and nothing is forgotten, while a worker or a supervisor of it lives. Raises StoreError.
    """
    lives = any(seen.alive and seen.info.pool == pool for seen in store.registry.workers())
    return not lives and store.scaling.forget(pool, store.reader.now_ms())


def forget_rows(pool: str, using: str) -> None:
    """Forget what the database `using` has of a pool: its policy and its decisions. Raises DatabaseError.

    Its name can be used again, and gets its first policy then.
    """
    ScalingPolicy.objects.using(using).filter(pool=pool).delete()
    ScalingDecision.objects.using(using).filter(pool=pool).delete()


def long_gone(store: Store, policies: Sequence[ScalingPolicy], around: Surroundings) -> set[str]:
    """The local pools of which nothing was heard for seven days, and whose first policy nobody has changed.

    What people have set is theirs to delete; and a pool that is a Deployment may sleep for longer. Raises StoreError.
    """
    now_ms, alive = around.figures.now_ms, around.pools()
    names = [each.pool for each in policies if _is_as_it_began(each) and each.pool not in alive]
    return {pool for pool, at in store.registry.heard(names, now_ms).items() if now_ms - at > FORGET_AFTER_MS}


def _is_as_it_began(policy: ScalingPolicy) -> bool:
    return (policy.version, policy.updated_by, policy.actuator) == (1, ENVIRONMENT, ActuatorName.LOCAL)
