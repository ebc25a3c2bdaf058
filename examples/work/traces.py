"""The demand traces shipped in ``examples/data``."""

import csv
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data"


@dataclass(frozen=True, slots=True)
class Trace:
    """A shipped trace: its file, the width of its buckets and the local time it starts at (None: not known)."""

    file: str
    step_seconds: int
    starts_at: datetime | None = None


TRACES = {
    "nyc_taxi": Trace("nyc_taxi_35d_1800s.csv", 1800, datetime(2014, 9, 1)),  # noqa: DTZ001 - local, as published
    "autothrottle_bursty": Trace("autothrottle_bursty_1h_1s.csv", 1),
}


def read_rows(trace: Trace) -> list[tuple[str, str]]:
    """All rows of the trace as text: (seconds, arrivals_per_second), untouched."""
    with (DATA / trace.file).open(newline="", encoding="utf-8") as file:
        return [(row["seconds"], row["arrivals_per_second"]) for row in csv.DictReader(file)]
