"""The arithmetic of the benchmark, free of clocks and processes."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Better = Literal["higher", "lower"]


@dataclass(frozen=True)
class Sample:
    """How many jobs had completed, and how long the server had worked, at one moment (all in seconds)."""

    at: float
    done: int
    server_cpu: float = 0.0


@dataclass(frozen=True)
class Best:
    """The best subject for one measure."""

    subject: str
    value: float


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least ``share`` (0–1) of the values do not exceed (nearest rank).

    Raises ``ValueError`` without values.
    """
    if not values:
        raise ValueError("no values to take a percentile of")
    rank = math.ceil(share * len(values))
    return sorted(values)[max(rank, 1) - 1]


def median(values: Sequence[float]) -> float:
    """Return the median; two middle values are averaged."""
    return statistics.median(values)


def best(values: Mapping[str, float], better: Better) -> Best | None:
    """Return the subject whose value is best, None where there is none."""
    if not values:
        return None
    choose = max if better == "higher" else min
    subject = choose(values, key=lambda name: values[name])
    return Best(subject, values[subject])


def ratio(ours: float, reference: float) -> float | None:
    """Return ours / reference, None where the reference is 0."""
    return ours / reference if reference else None


def rate(first: Sample, last: Sample) -> float:
    """Return completions a second between two samples. Raises ``ValueError`` if no time passed."""
    if last.at <= first.at:
        raise ValueError("no time passed between the samples")
    return (last.done - first.done) / (last.at - first.at)
