"""Figures in the sentences of strategies."""

from __future__ import annotations

LITTLE = 0.05  # jobs at once, fewer of which are told as next to nothing


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
    made_of = [f"{waiting} that wait"] if waiting else []
    made_of += [f"{due} that fall due"] if due else []
    those = f"{', '.join(made_of)} and those that come" if made_of else "those that come"
    return f"the {plain(jobs_left)} left in {horizon:.0f} s of {those}"


def in_each(slots: int) -> str:
    """How many jobs a worker runs at once, where that is more than one."""
    return f", where a worker runs {slots} at once" if slots > 1 else ""
