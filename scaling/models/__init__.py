"""What the Django database keeps of scaling: policies, how they changed, and what was decided."""

from .decision import ScalingDecision
from .policy import ScalingPolicy

__all__ = ["ScalingDecision", "ScalingPolicy"]
