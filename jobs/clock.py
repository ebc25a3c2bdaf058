"""Two clocks and no more: the server's time for instants that are shared, the monotonic one for durations."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol

MAX_INSTANT_MS = 253_402_300_799_999  # 9999-12-31T23:59:59.999Z


class Clock(Protocol):
    """A monotonic clock in seconds; tests inject their own."""

    def monotonic(self) -> float: ...


class SystemClock:
    """The machine's monotonic clock."""

    def monotonic(self) -> float:
        return time.monotonic()


def local_ms() -> int:
    """This host's time in ms, for what is put down while the store's time cannot be had."""
    return int(time.time() * 1000)


def to_datetime(instant_ms: int) -> datetime:
    """The UTC datetime of an instant in ms."""
    return datetime.fromtimestamp(instant_ms // 1000, UTC).replace(microsecond=instant_ms % 1000 * 1000)


def to_instant_ms(moment: datetime) -> int:
    """The instant in ms of an aware datetime. Raises ValueError for one without offset."""
    if moment.utcoffset() is None:
        raise ValueError("a time needs an offset, for example a trailing Z")
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000


def isoformat(instant_ms: int) -> str:
    """RFC 3339 in UTC with `Z` and milliseconds, the wire's only form."""
    seconds, milliseconds = divmod(instant_ms, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC).isoformat()[:19]}.{milliseconds:03d}Z"
