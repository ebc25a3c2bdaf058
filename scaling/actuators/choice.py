"""Which actuator carries out a policy's decisions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from jobs.store.store import Store
from scaling.models import ScalingPolicy
from scaling.models.actuator_name import ActuatorName

from .actuator import Actuator
from .cluster import Cluster
from .dry_run import DryRun
from .kubernetes import Kubernetes
from .local_pool import LocalPool
from .server import Server

OBSERVED: Final = DryRun()
_LOCAL: Final = LocalPool()


def unit_of(policy: ScalingPolicy) -> int:
    """How many workers come and go together: those of a pod, whoever makes pods."""
    return 1 if policy.actuator == ActuatorName.LOCAL else policy.workers_per_pod


def obeying_of(store: Store, policy: ScalingPolicy) -> Callable[[int], int] | None:
    """How many workers a pool would have of so many that are asked for, where supervisors bring them and it is ours."""
    is_local = policy.is_ours and policy.actuator == ActuatorName.LOCAL
    return partial(store.registry.obeying, policy.pool) if is_local else None


class Choice:
    """One actuator for each Deployment, which remembers what it has done to it."""

    def __init__(self) -> None:
        self._deployments: dict[tuple[str, str, int], Kubernetes] = {}
        self._server = Server()

    def of(self, policy: ScalingPolicy) -> Actuator:
        """The actuator of a policy."""
        if not policy.is_ours:
            return DryRun(unit_of(policy))
        if policy.actuator == ActuatorName.LOCAL:
            return _LOCAL
        deployment = policy.deployment or policy.pool
        key = (policy.namespace, deployment, policy.workers_per_pod)
        if key not in self._deployments:
            cluster = Cluster(policy.namespace, self._server)
            self._deployments[key] = Kubernetes(deployment, policy.workers_per_pod, cluster)
        return self._deployments[key]

    def turn(self, policy: ScalingPolicy) -> tuple[bool, float]:
        """When a pool's turn is, to be sorted by: those last whose actuators may let others wait, of them the one first
        that was served the longest time ago."""
        actuator = self.of(policy)
        return (True, actuator.asked_at) if isinstance(actuator, Kubernetes) else (False, 0.0)
