"""Which pods of a Deployment are to go when it is lowered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from .objects import Object

STARTING: Final = -1  # the work of a pod in which no worker lives yet
GOING: Final = -1_000_000  # the cost of an idle pod that is to go, far below that of any which stays


def prices(pods: Sequence[Object], work: Mapping[str, int], going: int) -> dict[str, int]:
    """What the deletion of pods has to cost so that those with the least work go, by name; in the order of need.

    `work` is the number of jobs that run in a pod, by name; `going` pods are to go. Kubernetes deletes those that cost
    least, and takes 0 for what is not said: who goes costs less than 0, the more the less it does, and who stays does
    not. What is so already is left out.
    """
    idlest = sorted(pods, key=lambda pod: work.get(pod.metadata.name, STARTING))
    goes, stays = idlest[: max(going, 0)], idlest[max(going, 0) :]
    if not stays:
        return {}
    found = {pod.metadata.name: work.get(pod.metadata.name, 0) for pod in stays if (pod.cost or 0) < 0}
    for pod in goes:
        if (pod.cost or 0) >= 0:
            found[pod.metadata.name] = GOING + work.get(pod.metadata.name, STARTING)
    return found
