"""What a scaler needs of the store: decisions and orders at home, what moves in all partitions."""

from __future__ import annotations

from collections.abc import Sequence

from jobs.store.scaling import Movement, Scaling

from .spread import Spread, by_name


class SpreadScaling(Scaling):
    """A `Scaling` over all partitions."""

    def __init__(self, spread: Spread) -> None:
        home = spread.home
        super().__init__(home.client, home.keys, home.offset_ms)
        self._spread = spread

    def movements(self, queues: Sequence[str], numbers: Sequence[int]) -> list[Movement]:
        """What the ten-second buckets with these numbers counted of some queues together."""
        found = self._spread.everywhere(lambda part: part.scaling.movements(queues, numbers))
        return [_added(movements) for movements in zip(*found, strict=True)]

    def due(self, now_ms: int, within: Sequence[float]) -> dict[str, list[int]]:
        """How many jobs of each queue become claimable within so many (rising) seconds each; none of paused types."""
        found = by_name(self._spread.everywhere(lambda part: part.scaling.due(now_ms, within)))
        return {queue: [sum(counts) for counts in zip(*lines, strict=True)] for queue, lines in found.items()}


def _added(movements: Sequence[Movement]) -> Movement:
    return Movement(
        arrived=sum(each.arrived for each in movements),
        completed=sum(each.completed for each in movements),
        failed=sum(each.failed for each in movements),
        dead=sum(each.dead for each in movements),
        busy_ms=sum(each.busy_ms for each in movements),
    )
