"""What handlers measure: a name, labels and a value, kept by job type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

COUNTS: Final = "_total"  # a name that ends like that counts


class Measure(msgspec.Struct, frozen=True):
    """A value of one series of a job type. `adds`: 1 where it adds up, 0 where it takes the place of the last one."""

    type: str
    series: str
    value: float

    @property
    def adds(self) -> int:
        """1 for a counter, 0 for a gauge."""
        return int(self.series.partition("|")[0].endswith(COUNTS))


class Measured(msgspec.Struct, frozen=True):
    """A series as it is read."""

    name: str
    labels: dict[str, str]
    value: float


def series_of(name: str, labels: Mapping[str, str]) -> str:
    """How a series is named in the store: the same for the same labels in any order."""
    return f"{name}|{msgspec.json.encode(dict(sorted(labels.items()))).decode()}"


def measured(series: bytes, value: bytes) -> Measured | None:
    """A series of the store; None for what cannot be read."""
    name, _, labels = series.partition(b"|")
    try:
        return Measured(name.decode(), msgspec.json.decode(labels, type=dict[str, str]), float(value))
    except (ValueError, msgspec.MsgspecError):
        return None
