"""What metrics need of the store besides what people look at: figures of job types for ever, and of the server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from . import tables
from .client import Client
from .keys import Keys
from .measures import Measured, measured

LIMITS_MS: Final = (5, 10, 50, 100, 250, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000, 1_800_000)  # as in Lua
TYPES_A_TRIP: Final = 100


class Distribution(msgspec.Struct, frozen=True):
    """How many values lay between two of LIMITS_MS, the last count being those above all, and the sum of all in ms."""

    counts: tuple[int, ...]
    sum_ms: int

    def plus(self, other: Distribution) -> Distribution:
        """Both together."""
        counts = tuple(mine + its for mine, its in zip(self.counts, other.counts, strict=True))
        return Distribution(counts, self.sum_ms + other.sum_ms)


class TypeFigures(msgspec.Struct, frozen=True):
    """A job type since the installation began: durations of executions by how they ended, and from creation to end."""

    completed: Distribution
    failed: Distribution
    latency: Distribution
    measures: list[Measured]


class ServerFigures(msgspec.Struct, frozen=True):
    """The server: bytes in use and at most (0 = no limit), connections, seconds since its start; "Valkey 9.1.2".

    `run_id` is another one for each server, and after each start of one.
    """

    memory: int
    memory_limit: int
    clients: int
    uptime: int
    version: str = ""
    run_id: str = ""


class Metrics:
    """Reads for a scrape."""

    def __init__(self, client: Client, keys: Keys) -> None:
        self._client = client
        self._keys = keys

    def types(self, sums: Mapping[str, int]) -> dict[str, TypeFigures]:
        """The figures of job types. `sums`: the ms that completed executions of each took, which are kept elsewhere."""
        found: dict[str, TypeFigures] = {}
        names = list(sums)
        for start in range(0, len(names), TYPES_A_TRIP):
            some = names[start : start + TYPES_A_TRIP]
            keys = [(self._keys.figures(name), self._keys.measures(name)) for name in some]
            replies = self._client.pipeline([("HGETALL", key) for pair in keys for key in pair])
            for at, name in enumerate(some):
                found[name] = _figures(replies[2 * at], replies[2 * at + 1], sums[name])
        return found

    def server(self) -> ServerFigures:
        """The server's own figures."""
        told = self._client.pipeline([("INFO", section) for section in ("memory", "clients", "server")])
        lines = (line.partition(":") for text in told for line in text.decode(errors="replace").splitlines())
        info = {name: value for name, _, value in lines}
        names = ("used_memory", "maxmemory", "connected_clients", "uptime_in_seconds")
        product = "Valkey" if "valkey_version" in info else "Redis"
        version = f"{product} {info.get(f'{product.lower()}_version', '').strip()}".strip()
        memory, limit, clients, uptime = (int(info.get(name, 0)) for name in names)
        return ServerFigures(memory, limit, clients, uptime, version, info.get("run_id", "").strip())

    def sizes(self) -> tuple[int, int]:
        """How many groups of dead jobs there are, and how many bulk operations that are not over."""
        groups, operations = self._client.pipeline(
            [("HLEN", self._keys.dlq_groups), ("ZCARD", self._keys.operations_open)]
        )
        return groups, operations


def _figures(pairs: Sequence[bytes], series: Sequence[bytes], completed_ms: int) -> TypeFigures:
    numbers = tables.numbers(pairs)
    measures = (measured(series[at], series[at + 1]) for at in range(0, len(series), 2))
    return TypeFigures(
        completed=_distribution(numbers, "c", completed_ms),
        failed=_distribution(numbers, "f", numbers.get("failed_ms", 0)),
        latency=_distribution(numbers, "l", numbers.get("latency_ms", 0)),
        measures=[each for each in measures if each is not None],
    )


def _distribution(numbers: Mapping[str, int], what: str, sum_ms: int) -> Distribution:
    counts = tuple(numbers.get(f"{what}{step}", 0) for step in range(1, len(LIMITS_MS) + 2))
    return Distribution(counts, sum_ms)
