"""What was seen in the last seconds."""

from __future__ import annotations

from collections.abc import Sequence

from scaling.guards.pace import recent
from scaling.observation import Observation
from scaling.record import Record


def window(seen: Observation, record: Record, seconds: float) -> Sequence[Observation]:
    """The observations of the last `seconds`, the present one first."""
    return [seen, *(step.observation for step in recent(record, seen.at, seconds))]


def mean_load(seen: Observation, record: Record, seconds: float) -> float:
    """The mean of the jobs that waited or ran."""
    found = window(seen, record, seconds)
    return sum(each.load for each in found) / len(found)
