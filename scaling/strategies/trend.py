"""A straight line through points in time."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class Trend(msgspec.Struct, frozen=True):
    """`value = level + slope * seconds` with seconds counted from the last point; `fit` is R squared, 0 to 1."""

    level: float
    slope: float
    fit: float

    def at(self, seconds: float) -> float:
        """The value so many seconds after the last point."""
        return self.level + self.slope * seconds


def through(points: Sequence[tuple[float, float]]) -> Trend | None:
    """The least-squares line through (time, value) pairs; None through fewer than three or without a span of time."""
    if len(points) < 3:
        return None
    last = points[-1][0]
    n = len(points)
    mean_x = sum(x - last for x, _ in points) / n
    mean_y = sum(y for _, y in points) / n
    var_x = sum((x - last - mean_x) ** 2 for x, _ in points)
    if var_x <= 0:
        return None
    slope = sum((x - last - mean_x) * (y - mean_y) for x, y in points) / var_x
    var_y = sum((y - mean_y) ** 2 for _, y in points)
    fit = slope * slope * var_x / var_y if var_y > 0 else 1.0
    return Trend(level=mean_y - slope * mean_x, slope=slope, fit=min(fit, 1.0))
