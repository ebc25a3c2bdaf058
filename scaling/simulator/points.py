"""The states of a simulated fleet over time, in columns: a month of evaluations takes megabytes, not gigabytes."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import overload

import msgspec


class Point(msgspec.Struct, frozen=True):
    """The fleet at one evaluation, for curves. `wait` is the age of the oldest waiting job in seconds."""

    at: float
    workers: int
    load: int
    wait: float


class Points(Sequence[Point]):
    """Points in order of time, 32 bytes each."""

    def __init__(self) -> None:
        self._at, self._wait = array("d"), array("d")
        self._workers, self._load = array("q"), array("q")

    def append(self, point: Point) -> None:
        """Add one, later than all before."""
        self._at.append(point.at)
        self._workers.append(point.workers)
        self._load.append(point.load)
        self._wait.append(point.wait)

    def __len__(self) -> int:
        return len(self._at)

    @overload
    def __getitem__(self, index: int) -> Point: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Point]: ...
    def __getitem__(self, index: int | slice) -> Point | Sequence[Point]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        return Point(self._at[index], self._workers[index], self._load[index], self._wait[index])

    def __iter__(self) -> Iterator[Point]:
        return map(Point, self._at, self._workers, self._load, self._wait)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Points) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # they grow
