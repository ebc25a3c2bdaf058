"""How long a worker is kept after it was last needed."""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from scaling.observation import Observation
from scaling.policy import Policy

BUDGET_SECONDS = 900.0
LONGEST = 600.0
HALF_LIFE = 1800.0
REACH = 1.25
MOST_PEAKS = 100


class Hold(msgspec.Struct, frozen=True):
    """Keeps the largest need of the last `least` seconds; longer while too many jobs are late.

    Each need that is still the largest since is remembered with its time. When the share of late jobs of the last
    quarter of an hour is over what the goal allows and workers are missing that were there before, the hold grows to
    1.25 times the time since they were last needed, at most ten minutes; it halves every half hour.
    """

    least: float

    def apply(
        self, needed: int, seen: Observation, memory: Mapping[str, float], policy: Policy
    ) -> tuple[int, Mapping[str, float]]:
        """The workers to hold, and what to remember."""
        peaks = {at: count for at, count in _peaks(memory).items() if 0 <= seen.at - at <= LONGEST}
        before = memory.get("at", seen.at)
        elapsed = min(max(seen.at - before, 0.0), BUDGET_SECONDS)
        fade = math.exp(-elapsed / BUDGET_SECONDS)
        came = (seen.arrivals.last_15s or 0.0) * elapsed
        jobs = memory.get("jobs", 0.0) * fade + came
        late = memory.get("late", 0.0) * fade + (came if seen.oldest_age > policy.wait_goal else 0.0)
        extra = memory.get("extra", 0.0) * 0.5 ** (elapsed / HALF_LIFE)
        if late > (1 - policy.goal_share) * jobs and needed > seen.supply:
            gaps = [seen.at - at for at, count in peaks.items() if count >= needed]
            if gaps:
                extra = max(extra, min(REACH * min(gaps), LONGEST))
        peaks = {at: count for at, count in peaks.items() if count > needed} | {seen.at: needed}
        if len(peaks) > MOST_PEAKS:  # of two neighbours the earlier, which is the larger
            peaks = dict(list(peaks.items())[:-1:2]) | {seen.at: needed}
        window = max(self.least, extra)
        held = max(count for at, count in peaks.items() if seen.at - at < max(window, 1e-3))
        kept = {f"{at:.3f}": float(count) for at, count in peaks.items()}
        return held, {**kept, "at": seen.at, "jobs": jobs, "late": late, "extra": extra}


def _peaks(memory: Mapping[str, float]) -> dict[float, int]:
    """The needs that are remembered, by their time; none where that cannot be read."""
    try:
        return {float(key): int(value) for key, value in memory.items() if key[:1].isdigit()}
    except ValueError:
        return {}
