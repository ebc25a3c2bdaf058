"""What the model looks at: the same for minutes of the past and for a pool as it is now."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from scaling.observation import Observation
from scaling.record import Record

BACK: Final = 300.0  # seconds that the trend is about

NAMES: Final = (
    "rate", "rate_5m", "trend", "depth", "processing_rate", "error_rate",
    "hour_sin", "hour_cos", "half_day_sin", "half_day_cos", "weekend",
    "this_hour", "this_hour_before", "this_day", "this_day_before",
)  # fmt: skip
"""Arrivals a second in the last minute, in the last five, and how the former changed in five minutes; jobs that wait;
jobs done a second; the share of failures; the time of day on circles of 24 and 12 hours; Saturday or Sunday; and the
usual demand of the minute that is asked for and of the one before, by minute of the hour and of the day."""


def clock(at: float) -> dict[str, float]:
    """What a moment (s since 1970, UTC) says by itself."""
    angle = 2 * math.pi * (at % 86_400) / 86_400
    weekday = (int(at // 86_400) + 3) % 7  # the first of January 1970 was a Thursday
    return {
        "hour_sin": math.sin(angle),
        "hour_cos": math.cos(angle),
        "half_day_sin": math.sin(2 * angle),
        "half_day_cos": math.cos(2 * angle),
        "weekend": float(weekday >= 5),
    }


def usual(at: float, hourly: Sequence[float], daily: Sequence[float]) -> dict[str, float]:
    """The usual demand of the minute at a moment, and of the one before."""
    minute = int(at // 60)
    found = {"this_hour": hourly[minute % 60], "this_hour_before": hourly[(minute - 1) % 60]}
    if daily:
        found |= {"this_day": daily[minute % 1440], "this_day_before": daily[(minute - 1) % 1440]}
    return found


def present(seen: Observation, record: Record) -> dict[str, float] | None:
    """What is known of a pool now; None where nobody has counted for a minute."""
    rate = seen.arrivals.last_60s
    if rate is None:
        return None
    longer = seen.arrivals.last_300s
    earlier = _earlier(seen, record)
    return {
        "rate": rate,
        "rate_5m": rate if longer is None else longer,
        "trend": 0.0 if earlier is None else rate - earlier,
        "depth": float(seen.waiting),
        "processing_rate": seen.completions.last_60s or 0.0,
        "error_rate": seen.error_rate or 0.0,
    }


def _earlier(seen: Observation, record: Record) -> float | None:
    """The rate of a minute five minutes ago."""
    edge = seen.at - BACK
    near: Mapping[float, float] = {
        abs(step.observation.at - edge): step.observation.arrivals.last_60s
        for step in record.steps
        if step.observation.arrivals.last_60s is not None and abs(step.observation.at - edge) <= 60
    }
    return near[min(near)] if near else None
