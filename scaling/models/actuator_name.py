"""Who carries decisions out, by name."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class ActuatorName(StrEnum):
    """Who carries decisions out."""

    LOCAL = "local"
    KUBERNETES = "kubernetes"
    NONE = "none"


ACTUATORS: Final = {
    ActuatorName.LOCAL: "Local: the supervisors of workerpools",
    ActuatorName.KUBERNETES: "Kubernetes: the replicas of a Deployment",
    ActuatorName.NONE: "None: decisions are recorded only, another scaler owns the pool",
}
