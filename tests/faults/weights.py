"""What each process holds over time, and how fast that grows."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import combinations, groupby
from pathlib import Path
from statistics import median
from typing import Final

MB: Final = 1e6
BIN_SECONDS: Final = 10.0
MOST_GROWTH: Final = 1.0  # MB in ten minutes
HEAD: Final = (
    "| Process | pid | Looked at for | MB after warm-up | MB at the end | MB in ten minutes |\n"
    "|---|---:|---:|---:|---:|---:|"
)


@dataclass
class Series:
    """The private memory (MB) of one process from its start to its end, at times in seconds."""

    name: str
    pid: int
    times: array[float] = field(default_factory=lambda: array("d"))
    held: array[float] = field(default_factory=lambda: array("d"))

    def points(self, warm_up: float) -> list[tuple[float, float]]:
        """(time, MB) each ten seconds from so many seconds after its start on, medians of what was measured."""
        measured = ((at, mb) for at, mb in zip(self.times, self.held, strict=True) if at - self.times[0] >= warm_up)
        parts = [list(part) for _, part in groupby(measured, key=lambda each: each[0] // BIN_SECONDS)]
        return [(median(at for at, _ in part), median(mb for _, mb in part)) for part in parts]

    def growth(self, warm_up: float) -> float:
        """MB in ten minutes after its warm-up: the median of the slopes between any two points.

        Sen, "Estimates of the regression coefficient based on Kendall's tau", JASA 63(324), 1968: what is away for a
        while, or comes in a single step, does not bend it as it does the least squares.
        """
        return 600 * median((y - x) / (to - at) for (at, x), (to, y) in combinations(self.points(warm_up), 2))


class Weights:
    """A series for each process that `find` (names by pid) has found at some time.

    Processes that ended before they could be judged are counted in `short` and forgotten: from its start a process is
    given `warm_up` seconds, and judged by twice as many after them.
    """

    def __init__(self, find: Callable[[], Mapping[int, str]], warm_up: float) -> None:
        self.short: Counter[str] = Counter()
        self._find = find
        self._warm_up = warm_up
        self._at_work: dict[tuple[int, str], Series] = {}
        self._judged: list[Series] = []

    def take(self, now: float) -> None:
        """Weigh all of them."""
        seen = set()
        for pid, name in self._find().items():
            try:
                key, weight = _measured(pid)
            except (OSError, StopIteration):  # it has just ended
                continue
            seen.add(key)
            series = self._at_work.setdefault(key, Series(name, pid))
            series.times.append(now)
            series.held.append(weight)
        for key in self._at_work.keys() - seen:
            self._end(self._at_work.pop(key))

    def end(self) -> list[Series]:
        """All series that are long enough."""
        for series in self._at_work.values():
            self._end(series)
        self._at_work.clear()
        return sorted(self._judged, key=lambda series: (series.name, series.pid))

    def line(self, series: Series) -> str:
        """A line of the table."""
        points, span = [mb for _, mb in series.points(self._warm_up)], series.times[-1] - series.times[0]
        tenth = max(1, len(points) // 10)
        figures = (median(points[:tenth]), median(points[-tenth:]))
        cells = [series.name, str(series.pid), f"{span / 60:.1f} min", *(f"{each:.1f}" for each in figures)]
        return f"| {' | '.join(cells)} | {series.growth(self._warm_up):+.2f} |"

    def grows(self, series: Series) -> bool:
        """Whether it does so beyond the bound."""
        return series.growth(self._warm_up) >= MOST_GROWTH

    def _end(self, series: Series) -> None:
        if series.times[-1] - series.times[0] >= 3 * self._warm_up - BIN_SECONDS:
            self._judged.append(series)
        else:
            self.short[series.name] += 1


def _measured(pid: int) -> tuple[tuple[int, str], float]:
    """Which process it is (pid and start) and what it holds: anonymous resident memory, which does not depend, as PSS
    does, on how many relatives that it shares pages with are alive."""
    folder = Path(f"/proc/{pid}")
    started = folder.joinpath("stat").read_text().rpartition(")")[2].split()[19]
    line = next(line for line in folder.joinpath("status").read_text().splitlines() if line.startswith("RssAnon:"))
    return (pid, started), int(line.split()[1]) * 1024 / MB
