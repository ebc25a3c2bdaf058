"""What history is made from, over all partitions."""

from __future__ import annotations

from collections.abc import Sequence

from jobs.store.history_bucket import Gauges, HistoryBucket, added, merged
from jobs.store.sampler import Sampler

from .spread import Spread, by_name


class SpreadSampler(Sampler):
    """A `Sampler` over all partitions."""

    def __init__(self, spread: Spread) -> None:
        self._spread = spread

    def counted(self, numbers: Sequence[int]) -> list[int]:
        """Those of some ten-second buckets in which something happened."""
        found = self._spread.everywhere(lambda part: part.sampler.counted(numbers))
        there = {number for some in found for number in some}
        return [number for number in numbers if number in there]

    def counters(self, number: int) -> tuple[dict[str, HistoryBucket], HistoryBucket]:
        """What happened in a closed ten-second bucket, a queue and in all; queues without any are left out."""
        told = self._spread.everywhere(lambda part: part.sampler.counters(number))
        by_queue = by_name(queues for queues, _ in told)
        in_all = merged(number, [whole for _, whole in told])
        return {queue: merged(number, found) for queue, found in by_queue.items()}, in_all

    def gauges(self, queues: Sequence[str]) -> tuple[dict[str, Gauges], Gauges]:
        """What is there now, a queue and in all."""
        found = self._spread.everywhere(lambda part: part.sampler.gauges(queues))
        by_queue = {queue: added([each[queue] for each, _ in found]) for queue in queues}
        wholes = [whole for _, whole in found]
        return by_queue, added(wholes, wholes[0].pools)  # which pools there are is known at home

    def releases(self) -> list[str]:
        """The releases that live workers run, sorted, without unnamed ones."""
        return self._spread.home.sampler.releases()
