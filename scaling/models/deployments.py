"""What cannot be of policies whose pools are Deployments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db.models import F, Q, UniqueConstraint, Value
from django.db.models.functions import Coalesce, NullIf

from .actuator_name import ActuatorName

if TYPE_CHECKING:
    from .policy import ScalingPolicy


ACTS: Final = Q(actuator=ActuatorName.KUBERNETES.value, enabled=True, dry_run=False)
ONE_POLICY: Final = UniqueConstraint(
    F("namespace"),
    Coalesce(NullIf(F("deployment"), Value("")), F("pool")),
    condition=ACTS,
    name="one_policy_a_deployment",
    violation_error_message="Another policy scales this Deployment already.",
)


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
        its = f"The policy of the pool {other.pool} scales"
        if other.namespace == policy.namespace:
            troubles["deployment"] = f"{its} it already."
        else:
            troubles["namespace"] = f"{its} a Deployment of that name: give the namespaces of both."
    return troubles


def _rival(policy: ScalingPolicy) -> ScalingPolicy | None:
    """Another policy that acts on the same Deployment, or may: "" is the scaler's namespace, which any name can be."""
    name = policy.deployment or policy.pool
    same = ACTS & (Q(deployment=name) | Q(deployment="", pool=name))
    if policy.namespace:
        same &= Q(namespace__in=("", policy.namespace))
    rows = type(policy).objects.using(policy._state.db).filter(same).exclude(pool=policy.pool)
    return next((row for row in rows if row.namespace == policy.namespace), rows.first())
