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
from jobs.words import several

from .actuator import Bar
from .cluster import FIELD_MANAGER, MOST_PODS, Cluster
from .objects import Manager, Object
from .pricing import prices
from .server import ClusterError

log = get_logger(__name__)
OWNER_EVERY: Final = 30.0  # seconds between two looks for other autoscalers
FOREIGN: Final = 600.0  # seconds that a change by somebody else is left as it is
UNPRICED_FOR: Final = 600.0  # seconds for which it is told that pods went in any order


class Kubernetes:
    """One Deployment, whose pods run `unit` workers each.

    Before it is lowered those pods are marked in which the fewest jobs run, so that they go first; where that fails, it
    is lowered all the same. A Deployment that an autoscaler scales, or whose replicas somebody else has changed lately,
    is left alone.
    """

    name: ClassVar[str] = "kubernetes"
    obeys_within = 180.0  # a node may have to come first, and images

    def __init__(self, deployment: str, unit: int, cluster: Cluster) -> None:
        self.unit = unit
        self.asked_at = -math.inf
        self._deployment = deployment
        self._cluster = cluster
        self._found: Object | None = None  # what the last bar() saw; follow() acts on nothing older
        self._set: int | None = None
        self._owner = ""
        self._owner_at = -math.inf
        self._unscaled = self._unpriced = ""
        self._unpriced_at = -math.inf

    @property
    def flaw(self) -> str:
        """What could not be done for the last count, in a sentence or two; "" where nothing."""
        return self._unscaled or (self._unpriced if monotonic() - self._unpriced_at < UNPRICED_FOR else "")

    def bar(self, now: float) -> Bar | None:
        """Another owner, or a server that does not answer."""
        self._found = None
        if not self._cluster.rests:
            self.asked_at = monotonic()
        try:
            if monotonic() - self._owner_at > OWNER_EVERY:
                self._owner = self._cluster.autoscaler_of(self._deployment)
                self._owner_at = monotonic()
            if self._owner:
                return Bar(f"{self._owner} scales Deployment {self._deployment}: it is observed, not driven.")
            found = self._cluster.deployment(self._deployment)
        except ClusterError as error:
            self._warn(error)
            return Bar(f"{error} Nothing is carried out.", is_trouble=True)
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
        if found.spec.replicas != replicas:
            if replicas < found.spec.replicas:
                self._price(found, alive, replicas)
            try:
                self._cluster.scale(self._deployment, replicas)
            except ClusterError as error:
                self._warn(error)
                kept = several(found.spec.replicas, "replica")
                self._unscaled = f"{error} Deployment {self._deployment} keeps {kept}."
                return
            log.info("scaled a deployment", deployment=self._deployment, before=found.spec.replicas, after=replicas)
        self._set, self._unscaled = replicas, ""

    def _price(self, found: Object, alive: Sequence[Seen], replicas: int) -> None:
        """Mark the pods that are to go, as far as it can be done."""
        if not replicas:
            return
        work: Counter[str] = Counter()
        for seen in alive:
            work[seen.info.host] += max(len(seen.info.running), seen.info.busy)
        try:
            pods = self._cluster.pods(found.labels)
            there = [pod for pod in pods if not pod.is_leaving]
            missing = max(found.spec.replicas - len(there), 0) if len(pods) < MOST_PODS else 0
            self._cluster.price(prices(there, work, found.spec.replicas - replicas - missing))
        except (ClusterError, KeyError) as error:
            self._warn(error)
            self._unpriced, self._unpriced_at = f"{error} Pods of {self._deployment} went in any order.", monotonic()
        else:
            self._unpriced = ""

    def _foreign(self, found: Object, now: float) -> Manager | None:
        """Who else has set the replicas lately. That a Deployment was made or applied with some is no claim to it."""
        if found.spec.replicas == self._set:
            return None
        for each in found.metadata.managed_fields or []:
            is_claim = self._set is not None or each.subresource == "scale"
            if each.has_replicas and each.manager != FIELD_MANAGER and is_claim and now - _instant(each) < FOREIGN:
                return each
        return None

    def _warn(self, error: Exception) -> None:
        log.warning("a deployment cannot be scaled as it should", deployment=self._deployment, error=str(error))


def _instant(manager: Manager) -> float:
    with suppress(ValueError):
        return datetime.fromisoformat(manager.time).timestamp()
    return -math.inf
