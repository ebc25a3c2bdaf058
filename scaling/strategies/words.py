"""Figures in the sentences of strategies."""

from __future__ import annotations


def plain(value: float) -> str:
    """To three digits, or whole where it has more; never as a power of ten."""
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}" if value >= 0.001 else f"{value:.4f}".rstrip("0").rstrip(".")


def waits(depth: int) -> str:
    """How many jobs wait."""
    return "1 job waits" if depth == 1 else f"{depth} jobs wait"


def jobs(count: float) -> str:
    """1 job, 0.5 jobs."""
    text = plain(count)
    return f"{text} job" if text == "1" else f"{text} jobs"


def left(jobs_left: float, horizon: float, waiting: int, due: int) -> str:
    """What of the work there is will be left in a while (s), and what it is made of."""
    falling = f", {due} that fall due" if due else ""
    return f"the {plain(jobs_left)} left in {horizon:.0f} s of {waiting} that wait{falling} and those that come"


def in_each(slots: int) -> str:
    """How many jobs a worker runs at once, where that is more than one."""
    return f", where a worker runs {slots} at once" if slots > 1 else ""
