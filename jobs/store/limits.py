"""What a worker's scripts are told of the configuration."""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True):
    """What scripts need of the configuration. Durations in ms."""

    lease_ms: int = 30_000
    weights: tuple[int, int, int] = (60, 30, 10)
    retention_max: int = 100_000
    retention_max_bytes: int = 1 << 30
    max_releases: int = 20
