"""What cannot be of policies whose pools are Deployments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from .actuator_name import ActuatorName

if TYPE_CHECKING:
    from .policy import ScalingPolicy


def deployment_troubles(policy: ScalingPolicy) -> dict[str, str]:
    """What is wrong with a policy that scales a Deployment, by field: a second one, or limits that no pods meet."""
    if policy.actuator != ActuatorName.KUBERNETES:
        return {}
    troubles = {}
    minimum, maximum, unit = policy.minimum, policy.maximum, policy.workers_per_pod
    if all(isinstance(count, int) for count in (minimum, maximum, unit)) and unit > 0:
        most = maximum // unit * unit
        if most < max(minimum, 1):
            troubles["maximum"] = f"No whole number of pods with {unit} workers each has {minimum} to {maximum}."
    if policy.enabled and policy.is_ours and (other := _rival(policy)):
        troubles["deployment"] = f"The policy of the pool {other} scales it already."
    return troubles


def _rival(policy: ScalingPolicy) -> str | None:
    """The pool of another policy that acts on the same Deployment."""
    name = policy.deployment or policy.pool
    same = Q(deployment=name) | Q(deployment="", pool=name)
    rows = (
        type(policy)
        .objects.using(policy._state.db)
        .filter(same, namespace=policy.namespace, actuator=ActuatorName.KUBERNETES, enabled=True, dry_run=False)
    )
    return rows.exclude(pool=policy.pool).values_list("pool", flat=True).first()
