"""Stops asking what does not answer, and finds out by itself when it answers again."""

from .breaker import Breaker, BreakerState, BreakerView, Terms
from .dependency import Dependency, DependencyOpen, breaker, dependencies

__all__ = [
    "Breaker",
    "BreakerState",
    "BreakerView",
    "Dependency",
    "DependencyOpen",
    "Terms",
    "breaker",
    "dependencies",
]
