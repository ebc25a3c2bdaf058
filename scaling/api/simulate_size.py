"""Whether a load can be replayed, and what of one that is too large could be."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from jobs.api.problems import invalid_field
from scaling.simulator.conditions import Conditions
from scaling.simulator.trace import Trace, TraceError

DAY: Final = 86_400.0
LONGEST: Final = 31 * DAY  # seconds of a load
MOST_JOBS: Final = 4_000_000
MOST_TRIED: Final = 400  # days
MOST_RANGES: Final = 4
LEAST_PEAK: Final = 0.1


def day_of(trace: Trace, day: int | None) -> Trace:
    """One day of a trace, counted from 0; None: all of it. Raises Problem 422 for a day that it does not have."""
    if day is None:
        return trace
    if day >= (days := _days(trace)):
        there = f"the days 0 to {days - 1}" if days > 1 else "day 0 only"
        raise invalid_field("day", f"the load has {there}")
    return trace.between(day * DAY, (day + 1) * DAY)


def must_fit(trace: Trace, conditions: Conditions, field: str) -> None:
    """Raise Problem 422 for a load that would take too long or too much memory; it says what of it would not."""
    try:
        jobs = _jobs(trace, conditions)
    except TraceError as error:
        raise invalid_field(field, str(error)) from error
    if trace.seconds > LONGEST:
        why, peak = f"it is longer than {LONGEST / DAY:.0f} days", 0.0
    elif not jobs <= MOST_JOBS:
        why = f"{jobs:,.0f} jobs are more than the {MOST_JOBS:,} that can be replayed"
        peak = math.floor(_busy(trace, conditions) * MOST_JOBS / jobs * 10) / 10 if jobs < math.inf else 0.0
    else:
        return
    raise invalid_field(field, f"{why}{_instead(_fitting_days(trace, conditions), peak)}")


def _instead(days: Sequence[int], peak: float) -> str:
    ways = [f"one day of it ({_ranges(days)})"] if days else []
    ways += [f"a peak of {peak:g} workers at most"] if peak >= LEAST_PEAK else []
    return f"; {' or '.join(ways)} would fit" if ways else ""


def _jobs(trace: Trace, conditions: Conditions) -> float:
    return sum(conditions.scaled(trace).rates) * trace.width


def _busy(trace: Trace, conditions: Conditions) -> float:
    """How many workers the highest load keeps busy."""
    return max(conditions.scaled(trace).rates) * conditions.service / conditions.slots


def _days(trace: Trace) -> int:
    return math.ceil(trace.seconds / DAY)


def _fitting_days(trace: Trace, conditions: Conditions) -> list[int]:
    """The days of a trace that could be replayed each by itself, of the first few hundred; none where it has one."""
    if trace.width > DAY or _days(trace) < 2:
        return []
    return [day for day in range(min(_days(trace), MOST_TRIED)) if _fits(day_of(trace, day), conditions)]


def _fits(part: Trace, conditions: Conditions) -> bool:
    try:
        return _jobs(part, conditions) <= MOST_JOBS
    except TraceError:  # nothing comes on that day
        return False


def _ranges(days: Sequence[int]) -> str:
    """0 to 3, 7, 9 to 13."""
    found: list[list[int]] = []
    for day in days:
        if found and day == found[-1][-1] + 1:
            found[-1][1:] = [day]
        else:
            found.append([day])
    told = [" to ".join(map(str, pair)) for pair in found[:MOST_RANGES]]
    return ", ".join([*told, "and others"] if len(found) > MOST_RANGES else told)
