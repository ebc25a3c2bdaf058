"""Minutes in a row, as arrays: what a model is trained on. Needs numpy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from jobs.store.pool_minute import Minute
from scaling.simulator.trace import Trace
from scaling.simulator.workload import SEED

TENS = 6


class Series:
    """`tens` has, for each minute from `start` (s since 1970) on, the jobs that arrived in each of its six ten seconds;
    `depth`, `processing_rate` and `error_rate` are beside them. Minutes that nobody recorded are NaN."""

    def __init__(self, start: int, tens: Any, depth: Any, processing_rate: Any, error_rate: Any) -> None:
        self.start = start
        self.tens = tens
        self.depth = depth
        self.processing_rate = processing_rate
        self.error_rate = error_rate

    def __len__(self) -> int:
        return len(self.tens)

    @property
    def rate(self) -> Any:
        """Arrivals a second of each minute."""
        return self.tens.sum(axis=1) / 60

    @property
    def recorded(self) -> Any:
        """Which minutes are there."""
        return ~np.isnan(self.tens[:, 0])

    def until(self, minutes: int) -> Series:
        """The first so many minutes."""
        fields = (self.tens, self.depth, self.processing_rate, self.error_rate)
        return Series(self.start, *(field[:minutes] for field in fields))

    def demand(self, goal: float) -> Any:
        """The jobs a second that must be served in each minute for its jobs to start within `goal` seconds.

        The largest of its mean and, for each window of w seconds inside it, jobs / (w + goal).
        """
        sums = np.concatenate([np.zeros((len(self), 1)), np.cumsum(self.tens, axis=1)], axis=1)
        found = sums[:, TENS] / 60
        for width in range(1, TENS):
            most = (sums[:, width:] - sums[:, :-width]).max(axis=1)
            found = np.maximum(found, most / (10 * width + goal))
        return found


def of_minutes(minutes: Sequence[Minute]) -> Series:
    """The series of a recorded history, oldest first; partly counted minutes count as gaps."""
    start = minutes[0].start
    length = (minutes[-1].start - start) // 60 + 1
    tens = np.full((length, TENS), np.nan)
    others = np.full((3, length), np.nan)
    for minute in minutes:
        if minute.seconds == 60:
            at = (minute.start - start) // 60
            tens[at] = minute.tens
            others[:, at] = (minute.depth, minute.completed / 60, minute.error_rate or 0.0)
    return Series(start, tens, *others)


def of_trace(trace: Trace) -> Series:
    """The series of a trace, with arrivals as a Poisson process has them; nothing is known but those."""
    cells = int(trace.seconds // 60) * TENS
    edges = np.arange(cells + 1) * 10.0
    rates = np.asarray(trace.rates, dtype=float)
    if trace.smooth:
        middles = (np.arange(len(rates)) + 0.5) * trace.width
        mean = np.interp(edges[:-1] + 5, middles, rates) * 10
    else:
        whole = np.concatenate([[0.0], np.cumsum(rates * trace.width)])
        mean = np.diff(np.interp(edges, np.arange(len(whole)) * trace.width, whole))
    counts = np.random.default_rng(SEED).poisson(mean).reshape(-1, TENS).astype(float)
    nothing = np.zeros(len(counts))
    return Series(int(trace.start), counts, nothing, nothing, nothing)
