"""What metrics need of the store, over all partitions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from jobs.store import tables
from jobs.store.measures import Measure, Measured, series_of
from jobs.store.metrics import Metrics, ServerFigures, TypeFigures

from .spread import Spread


class SpreadMetrics(Metrics):
    """A `Metrics` over all partitions."""

    def __init__(self, spread: Spread) -> None:
        self._spread = spread

    def types(self, sums: Mapping[str, int]) -> dict[str, TypeFigures]:
        """The figures of job types. `sums`: the ms that completed executions of each took, which are kept elsewhere."""
        nothing = dict.fromkeys(sums, 0)
        found = self._spread.everywhere(lambda part: part.metrics.types(nothing))
        return {name: _together([each[name] for each in found], sums[name]) for name in sums}

    def server(self) -> ServerFigures:
        """The figures of all servers together; `uptime` is that of the one that started last."""
        told = self._spread.of_servers(lambda part: part.metrics.server())
        found = list({figures.run_id or str(at): figures for at, figures in enumerate(told)}.values())
        limits = [figures.memory_limit for figures in found]
        return ServerFigures(
            memory=sum(figures.memory for figures in found),
            memory_limit=sum(limits) if all(limits) else 0,
            clients=sum(figures.clients for figures in found),
            uptime=min(figures.uptime for figures in found),
            version=", ".join(dict.fromkeys(figures.version for figures in found)),
            run_id=found[0].run_id,
        )

    def sizes(self) -> tuple[int, int]:
        """How many groups of dead jobs there are, and how many bulk operations that are not over."""
        raw = self._spread.everywhere(lambda part: part.client.call("HKEYS", part.keys.dlq_groups))
        groups = {name for names in raw for name in tables.names(names)}
        return len(groups), self._spread.home.metrics.sizes()[1]


def _together(found: Sequence[TypeFigures], completed_ms: int) -> TypeFigures:
    first, *rest = found
    for each in rest:
        first = TypeFigures(
            first.completed.plus(each.completed), first.failed.plus(each.failed), first.latency.plus(each.latency), []
        )
    completed = msgspec.structs.replace(first.completed, sum_ms=completed_ms)
    measures = _measured(measure for each in found for measure in each.measures)
    return TypeFigures(completed, first.failed, first.latency, measures)


def _measured(measures: Iterable[Measured]) -> list[Measured]:
    """Each series once: counters add up, and of a gauge the highest stands, as nothing tells which is the latest."""
    found: dict[str, Measured] = {}
    for each in measures:
        series = series_of(each.name, each.labels)
        known = found.get(series)
        if known is not None:
            adds = Measure("", series, each.value).adds
            value = known.value + each.value if adds else max(known.value, each.value)
            each = Measured(each.name, each.labels, value)  # noqa: PLW2901 - the one that stands for both
        found[series] = each
    return list(found.values())
