"""A load over time: mean arrivals a second in buckets."""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import msgspec

START = 1_800_000_000.0
LARGEST_FILE = 64 * 1024 * 1024
MOST_BUCKETS = 2_000_000


class TraceError(ValueError):
    """The file or the rows are no trace. The text says what is wrong, for people."""


class Trace(msgspec.Struct, frozen=True):
    """`rates` are mean arrivals a second in consecutive buckets of `width` seconds. `scheduled` are jobs that were put
    off: it is known beforehand when they come. `smooth`: the rate runs on a straight line between the bucket's middles
    instead of jumping at its ends. `start` is when the first bucket begins, in s since 1970. `note` says, for
    people, what had to be mended; "" nothing."""

    name: str
    width: float
    rates: Sequence[float]
    scheduled: bool = False
    smooth: bool = False
    start: float = START
    note: str = ""

    @property
    def seconds(self) -> float:
        """How long the trace is."""
        return self.width * len(self.rates)

    def between(self, start: float, end: float) -> Trace:
        """The part from `start` to `end` seconds. Raises TraceError when nothing is in it."""
        first = math.floor(start / self.width)
        part = self.rates[first : math.ceil(end / self.width)] if start >= 0 else ()
        if not part:
            raise TraceError(f"{self.name} has nothing between {start:g} and {end:g} s; it is {self.seconds:g} s long")
        return msgspec.structs.replace(self, rates=part, start=self.start + first * self.width)

    def with_peak(self, rate: float) -> Trace:
        """The same shape with `rate` arrivals a second in its highest bucket."""
        highest = max(self.rates)
        if highest <= 0:
            raise TraceError(f"{self.name} has no arrivals at all")
        return msgspec.structs.replace(self, rates=[value / highest * rate for value in self.rates])


def read(path: Path, request_bucket: float = 10.0) -> Trace:
    """The trace in a CSV file with a header and the time in `seconds` first.

    With a second column `arrivals_per_second` a row is a bucket; otherwise a row is a request, and they are counted in
    buckets of `request_bucket` seconds. Raises TraceError.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise TraceError(f"{path.name} is larger than {LARGEST_FILE >> 20} MiB")
        with path.open(newline="", encoding="utf-8") as file:
            return parse(path.stem, file, request_bucket)
    except (OSError, UnicodeDecodeError) as exc:
        raise TraceError(f"{path.name} cannot be read: {exc}") from exc


def parse(name: str, lines: Iterable[str], request_bucket: float = 10.0, most: int = MOST_BUCKETS) -> Trace:
    """The trace in the lines of such a file, of so many buckets at most. Raises TraceError."""
    try:
        rows = csv.reader(lines)
        header = next(rows, [])
        if len(header) > 1 and header[1].strip() == "arrivals_per_second":
            return from_rows(name, ((row[0], row[1]) for row in rows if len(row) > 1), most)
        return from_requests(name, (row[0] for row in rows if row), request_bucket, most)
    except csv.Error as exc:
        raise TraceError(f"{name} cannot be read: {exc}") from exc


def from_rows(name: str, rows: Iterable[tuple[str | float, str | float]], most: int = MOST_BUCKETS) -> Trace:
    """A trace of (seconds, arrivals a second), in any order. The width is the commonest distance of two rows, of
    several the smallest.

    Rows that are no numbers, or negative, are left out like the gaps: both are filled on a straight line, and the
    trace's note says so. Of two rows for one bucket the last counts. Raises TraceError when fewer than two rows remain,
    more are left out than remain, or the rest is too little for the span.
    """
    given = [_pair(row) for row in rows]
    found = dict(pair for pair in given if pair is not None)
    times, lost = sorted(found), given.count(None)
    if len(times) < 2 or lost > len(times):
        raise TraceError(f"{name} has {_rows(len(times))} that can be used{_and_lost(lost)}; at least two are needed")
    gaps = Counter(later - earlier for earlier, later in pairwise(times))
    width = max(gaps, key=lambda gap: (gaps[gap], -gap))
    buckets = (times[-1] - times[0]) / width + 1
    if not buckets <= min(20 * len(times), most):
        raise TraceError(f"{name} has {_rows(len(times))} for {buckets:,.0f} buckets of {width:g} s")
    rates: list[float] = [found[times[0]]]
    for earlier, later in pairwise(times):
        steps = max(round((later - times[0]) / width) - len(rates) + 1, 0)
        rise = found[later] - found[earlier]
        rates.extend(found[earlier] + rise * step / steps for step in range(1, steps + 1))
    return Trace(name, width, rates, note=_note(name, lost, len(rates) - len(times)))


def from_requests(name: str, times: Iterable[str | float], width: float, most: int = MOST_BUCKETS) -> Trace:
    """A trace from the moments of single requests, in any order. Raises TraceError when there are none."""
    given = [_pair((text, 0.0)) for text in times]
    seconds, lost = sorted(pair[0] for pair in given if pair is not None), given.count(None)
    if not seconds or lost > len(seconds):
        raise TraceError(f"{name} has {_rows(len(seconds))} that can be used{_and_lost(lost)}")
    buckets = (seconds[-1] - seconds[0]) / width + 1
    if not buckets <= most:
        raise TraceError(f"{name} has {_rows(len(seconds))} for {buckets:,.0f} buckets of {width:g} s")
    counts = [0.0] * math.floor(buckets)
    for moment in seconds:
        counts[math.floor((moment - seconds[0]) / width)] += 1 / width
    return Trace(name, width, counts, note=_note(name, lost, 0))


def _pair(row: tuple[str | float, str | float]) -> tuple[float, float] | None:
    """Seconds and rate; None where they are no numbers that can be true."""
    try:
        seconds, rate = float(row[0]), float(row[1])
    except ValueError:
        return None
    return (seconds, rate) if math.isfinite(seconds) and math.isfinite(rate) and rate >= 0 else None


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _and_lost(lost: int) -> str:
    return f" and {_rows(lost)} that cannot" if lost else ""


def _note(name: str, lost: int, filled: int) -> str:
    """What was mended, as a sentence."""
    parts = [f"{_rows(lost)} left out that cannot be true"] if lost else []
    parts += [f"{filled:,} missing buckets filled on straight lines"] if filled > 0 else []
    return f"{name}: {' and '.join(parts)}." if parts else ""
