"""Pools that are Deployments: their number of replicas follows the desired count."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from time import monotonic
from typing import ClassVar, Final

from jobs.logs import get_logger
from jobs.store.registry import Seen

from .actuator import Bar
from .cluster import FIELD_MANAGER, Cluster, ClusterError, Manager, Object

log = get_logger(__name__)
OWNER_EVERY: Final = 30.0  # seconds between two looks for other autoscalers
FOREIGN: Final = 600.0  # seconds that a change by somebody else is left as it is
STARTING: Final = -1  # the cost of a pod in which no worker lives yet


class Kubernetes:
    """One Deployment, whose pods run `unit` workers each.

    Before it is lowered each pod is annotated with the jobs that run in it, so that those go first which do the least.
    A Deployment that an autoscaler scales, or whose replicas somebody else has changed lately, is left alone.
    """

    name: ClassVar[str] = "kubernetes"
    obeys_within = 180.0  # a node may have to come first, and images

    def __init__(self, deployment: str, unit: int, cluster: Cluster) -> None:
        self.unit = unit
        self._deployment = deployment
        self._cluster = cluster
        self._found: Object | None = None  # what the last bar() saw; follow() acts on nothing older
        self._set: int | None = None
        self._owner = ""
        self._owner_at = -math.inf

    def bar(self, now: float) -> Bar | None:
        """Another owner, or a server that does not answer."""
        self._found = None
        self._cluster.begin()
        try:
            if monotonic() - self._owner_at > OWNER_EVERY:
                self._owner = self._cluster.autoscaler_of(self._deployment)
                self._owner_at = monotonic()
            if self._owner:
                return Bar(f"{self._owner} scales Deployment {self._deployment}: it is observed, not driven.")
            found = self._cluster.deployment(self._deployment)
        except ClusterError as error:
            return self._failed(error)
        if who := self._foreign(found, now):
            return Bar(
                f"{who.manager} has changed the replicas of Deployment {self._deployment} at {who.time}: it is "
                f"observed, not driven, until that is {FOREIGN / 60:.0f} minutes ago."
            )
        self._found = found
        return None

    def desired(self, workers: int) -> int:
        """As many as were decided: the pool's supervisors need not drain, their pods go whole."""
        return workers

    def follow(self, desired: int, alive: Sequence[Seen]) -> None:
        """Have so many replicas that there is room for the desired workers."""
        found, self._found = self._found, None
        replicas = math.ceil(desired / self.unit)
        if found is None:
            return
        if found.spec.replicas == replicas:
            self._set = replicas
            return
        try:
            if replicas < found.spec.replicas:
                self._price(found, alive)
            self._cluster.scale(self._deployment, replicas)
        except ClusterError as error:
            self._failed(error)
            return
        self._set = replicas
        log.info("scaled a deployment", deployment=self._deployment, before=found.spec.replicas, after=replicas)

    def _price(self, found: Object, alive: Sequence[Seen]) -> None:
        """Annotate pods with the jobs that run in them. A pod that is gone meanwhile costs nothing."""
        running: Counter[str] = Counter()
        for seen in alive:
            running[seen.info.host] += max(len(seen.info.running), seen.info.busy)
        for pod in self._cluster.pods(found.labels) if found.labels else ():
            name = pod.metadata.name
            cost = running.get(name, STARTING)
            if pod.cost != cost:
                try:
                    self._cluster.set_cost(name, cost)
                except ClusterError as error:
                    if error.status != 404:
                        raise

    def _foreign(self, found: Object, now: float) -> Manager | None:
        """Who else has set the replicas lately. That a Deployment was made or applied with some is no claim to it."""
        if found.spec.replicas == self._set:
            return None
        for each in found.metadata.managed_fields or []:
            is_claim = self._set is not None or each.subresource == "scale"
            if each.has_replicas and each.manager != FIELD_MANAGER and is_claim and now - _instant(each) < FOREIGN:
                return each
        return None

    def _failed(self, error: ClusterError) -> Bar:
        log.warning("a deployment cannot be scaled", deployment=self._deployment, error=str(error))
        return Bar(f"{error} Nothing is carried out.", is_trouble=True)


def _instant(manager: Manager) -> float:
    with suppress(ValueError):
        return datetime.fromisoformat(manager.time).timestamp()
    return -math.inf
