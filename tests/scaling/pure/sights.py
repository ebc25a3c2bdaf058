"""Observations and records for tests of strategies and guards."""

from __future__ import annotations

from collections.abc import Iterable

from scaling.observation import Observation
from scaling.record import Record, Step

NOW = 1_800_000_000.0


def seen(waiting: int = 0, workers: int = 4, **figures: object) -> Observation:
    """An observation at NOW with so many waiting jobs and workers."""
    return Observation(**{"at": NOW, "waiting": waiting, "workers": workers, **figures})  # type: ignore[arg-type]


def past(*steps: tuple[float, int, int, int], **memory: float) -> Record:
    """A record of steps: (seconds ago, workers then, proposed, decided), oldest first."""
    return Record(tuple(_step(*step) for step in steps), memory)


def depths(values: Iterable[int], every: float = 5.0) -> Record:
    """A record of depths that ends `every` seconds ago."""
    found = list(values)
    return Record(
        tuple(
            Step(seen(waiting=depth, at=NOW - every * (len(found) - index)), proposed=4, decided=4)
            for index, depth in enumerate(found)
        )
    )


def _step(ago: float, workers: int, proposed: int, decided: int) -> Step:
    return Step(seen(workers=workers, at=NOW - ago), proposed, decided)
