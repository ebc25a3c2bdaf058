"""One minute of a pool, as its history keeps it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from struct import Struct
from typing import Final

import msgspec

_LAYOUT: Final = Struct("<BBHH6B4e4I2f")
SIZE: Final = _LAYOUT.size
EMPTY: Final = bytes(SIZE)
_NEVER_SAID: Final = 0xFFFF
_MOST: Final = 0xFFFF_FFFF
_MOST_HALF: Final = 65_000
_EVEN: Final = (1,) * 6
_LARGEST: Final = 3e38


class Minute(msgspec.Struct, frozen=True, kw_only=True):
    """What happened from `start` (s since 1970, a whole minute) on for `seconds` seconds: 60, or fewer where the clock
    was put back meanwhile.

    `arrived`, `completed` and `failed` (executions) were counted in it, of all queues of the pool together; `shares`
    say how those that arrived are spread over its ten-second parts. `busy_seconds` adds up the processing times of what
    completed. The rest was seen `looks` times: `depth` (jobs that can be claimed), `active` (in flight), `workers`
    (that claim) and `latency` (age in seconds of the job that waits longest) are means, `depth_max` and `latency_max`
    the largest. `desired` workers (None: nobody said) and `slots` a worker are the last.
    """

    start: int
    seconds: int = 60
    looks: int = 0
    arrived: int = 0
    shares: tuple[int, ...] = _EVEN
    completed: int = 0
    failed: int = 0
    busy_seconds: float = 0.0
    depth: float = 0.0
    depth_max: int = 0
    active: float = 0.0
    latency: float = 0.0
    latency_max: float = 0.0
    workers: float = 0.0
    slots: int = 1
    desired: int | None = None

    @property
    def arrival_rate(self) -> float:
        """Jobs a second."""
        return self.arrived / self.seconds

    @property
    def tens(self) -> tuple[float, ...]:
        """Jobs that arrived in each ten seconds of it, as far as it went; to half a per cent of all."""
        parts = -(-self.seconds // 10)
        used = self.shares[:parts] if any(self.shares[:parts]) else _EVEN[:parts]
        return tuple(self.arrived * share / sum(used) for share in used)

    @property
    def service_time(self) -> float | None:
        """Mean processing time in seconds; None when nothing completed."""
        return self.busy_seconds / self.completed if self.completed else None

    @property
    def error_rate(self) -> float | None:
        """The share of executions that failed, 0 to 1; None without executions."""
        ended = self.completed + self.failed
        return self.failed / ended if ended else None


def shares(counts: Sequence[float]) -> tuple[int, ...]:
    """How jobs are spread over the six parts of a minute, 0 to 255 each; evenly where there are none."""
    whole = sum(counts)
    return tuple(round(255 * count / whole) for count in counts) if whole else _EVEN


def packed(minute: Minute) -> bytes:
    """The 44 bytes at rest. Figures beyond what has room are the largest that has."""
    small = (minute.workers, minute.active, minute.latency, minute.latency_max)
    counts = (minute.arrived, minute.completed, minute.failed, minute.depth_max)
    return _LAYOUT.pack(
        min(max(minute.looks, 1), 255),
        min(max(minute.seconds, 1), 60),
        _NEVER_SAID if minute.desired is None else min(minute.desired, _NEVER_SAID - 1),
        min(minute.slots, 0xFFFF),
        *minute.shares,
        *(min(mean, _MOST_HALF) for mean in small),
        *(min(count, _MOST) for count in counts),
        *(min(figure, _LARGEST) for figure in (minute.busy_seconds, minute.depth)),
    )


def unpacked(start: int, record: bytes) -> Minute | None:
    """A minute at rest; None for one that nobody kept, and for foreign bytes."""
    if len(record) != SIZE:
        return None
    looks, seconds, desired, slots, *rest = _LAYOUT.unpack(record)
    spread, means, counts, sums = tuple(rest[:6]), rest[6:10], rest[10:14], rest[14:]
    is_ours = looks and 1 <= seconds <= 60
    if not is_ours or not all(math.isfinite(x) and x >= 0 for x in (*means, *sums)):
        return None
    workers, active, latency, latency_max = means
    arrived, completed, failed, depth_max = counts
    return Minute(
        start=start,
        seconds=seconds,
        looks=looks,
        arrived=arrived,
        shares=spread,
        completed=completed,
        failed=failed,
        busy_seconds=sums[0],
        depth=sums[1],
        depth_max=depth_max,
        active=active,
        latency=latency,
        latency_max=latency_max,
        workers=workers,
        slots=max(slots, 1),
        desired=None if desired == _NEVER_SAID else desired,
    )
