"""Extract a demand trace, transform it, load it into SQLite."""

import itertools
import math
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import timedelta
from pathlib import Path

from examples.work.database import transaction
from examples.work.progress import Progress, silent
from examples.work.traces import TRACES, Trace, read_rows

SCHEMA = (
    """CREATE TABLE IF NOT EXISTS demand (
        source TEXT NOT NULL, start_seconds INTEGER NOT NULL, width_seconds INTEGER NOT NULL, samples INTEGER NOT NULL,
        mean_rate REAL NOT NULL, peak_rate REAL NOT NULL, arrivals REAL NOT NULL, label TEXT, share REAL,
        PRIMARY KEY (source, start_seconds))""",
    """CREATE TABLE IF NOT EXISTS etl_runs (
        job_id TEXT PRIMARY KEY, source TEXT NOT NULL, extracted INTEGER NOT NULL, loaded INTEGER NOT NULL,
        finished_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)""",
)
LOAD_CHUNK = 200


@dataclass(frozen=True, slots=True)
class Bucket:
    """Demand in one stretch of time; rates are arrivals a second, ``share`` is the part of all arrivals (0 to 1)."""

    start_seconds: int
    width_seconds: int
    samples: int
    mean_rate: float
    peak_rate: float
    arrivals: float
    label: str | None = None
    share: float | None = None


def extract(trace: Trace, since_seconds: int = 0, until_seconds: int | None = None) -> list[tuple[float, float]]:
    """Rows (seconds, arrivals a second) of the trace from ``since_seconds`` up to, not including, ``until_seconds``."""
    until = math.inf if until_seconds is None else until_seconds
    rows = ((float(seconds), float(rate)) for seconds, rate in read_rows(trace))
    return [row for row in rows if since_seconds <= row[0] < until]


def clean(rows: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """The rows in order of time without repeats, negative rates and values that are no number."""
    usable = {seconds: rate for seconds, rate in rows if math.isfinite(seconds) and math.isfinite(rate) and rate >= 0}
    return sorted(usable.items())


def to_buckets(rows: Sequence[tuple[float, float]], step_seconds: int, width_seconds: int) -> list[Bucket]:
    """Group rows of ``step_seconds`` each into buckets ``width_seconds`` wide; empty buckets are left out."""
    buckets = []
    by_bucket = itertools.groupby(sorted(rows), key=lambda row: int(row[0]) // width_seconds)
    for number, group in by_bucket:
        rates = [rate for _, rate in group]
        total = math.fsum(rates)
        buckets.append(
            Bucket(
                start_seconds=number * width_seconds,
                width_seconds=width_seconds,
                samples=len(rates),
                mean_rate=total / len(rates),
                peak_rate=max(rates),
                arrivals=total * step_seconds,
            )
        )
    return buckets


def denormalize(buckets: Sequence[Bucket], trace: Trace) -> list[Bucket]:
    """Add what a report needs beside each bucket: a label ("Mon 08:00") and its share of all arrivals."""
    total = math.fsum(bucket.arrivals for bucket in buckets) or 1.0
    return [replace(bucket, label=_label(bucket, trace), share=bucket.arrivals / total) for bucket in buckets]


def _label(bucket: Bucket, trace: Trace) -> str:
    offset = timedelta(seconds=bucket.start_seconds)
    return f"+{offset}" if trace.starts_at is None else f"{trace.starts_at + offset:%a %H:%M}"


def load(connection: sqlite3.Connection, source: str, buckets: Sequence[Bucket], progress: Progress = silent) -> None:
    """Replace the buckets of ``source`` in the table ``demand``: loading twice leaves the same rows as loading once."""
    connection.execute("DELETE FROM demand WHERE source = ?", (source,))
    for first in range(0, len(buckets), LOAD_CHUNK):
        chunk = buckets[first : first + LOAD_CHUNK]
        connection.executemany(
            "INSERT INTO demand VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(source, *astuple(bucket)) for bucket in chunk],
        )
        done = first + len(chunk)
        progress(60 + 39 * done / len(buckets), f"loaded {done} of {len(buckets)} rows")


def run_etl(
    job_id: str,
    source: str,
    destination: Path,
    transformations: Sequence[str],
    window_seconds: tuple[int, int | None] = (0, None),
    progress: Progress = silent,
) -> dict[str, object]:
    """Run the pipeline and note the run in ``etl_runs``.

    ``source`` names a trace of ``TRACES``; ``transformations`` are any of clean, aggregate, denormalize;
    ``window_seconds`` is (since, until). Safe to run again for the same job. Raises KeyError for an unknown source.
    """
    trace = TRACES[source]
    rows = extract(trace, *window_seconds)
    extracted = len(rows)
    progress(30, f"extracted {extracted} rows of {source}")
    buckets = _transform(rows, trace, transformations)
    progress(60, f"transformed into {len(buckets)} rows")
    with transaction(destination, SCHEMA) as connection:
        load(connection, source, buckets, progress)
        connection.execute(
            "INSERT OR REPLACE INTO etl_runs (job_id, source, extracted, loaded) VALUES (?, ?, ?, ?)",
            (job_id, source, extracted, len(buckets)),
        )
    progress(100, "done")
    counts = {"recordsProcessed": extracted, "recordsLoaded": len(buckets)}
    return {**counts, "destination": destination.name, **_peak(buckets)}


def _peak(buckets: Sequence[Bucket]) -> dict[str, object]:
    if not buckets:
        return {"peakPerSecond": None, "peakAt": None}
    busiest = max(buckets, key=lambda bucket: bucket.peak_rate)
    return {"peakPerSecond": round(busiest.peak_rate, 3), "peakAt": busiest.label or busiest.start_seconds}


def _transform(rows: Sequence[tuple[float, float]], trace: Trace, transformations: Sequence[str]) -> list[Bucket]:
    """Apply the chosen transformations, always in the order clean, aggregate, denormalize."""
    cleaned = clean(rows) if "clean" in transformations else rows
    # Hours of a trace of weeks, minutes of a trace of one hour.
    wide = 3600 if trace.step_seconds >= 60 else 60
    width = wide if "aggregate" in transformations else trace.step_seconds
    buckets = to_buckets(cleaned, trace.step_seconds, width)
    return denormalize(buckets, trace) if "denormalize" in transformations else buckets
