"""A stream of payloads that times the enqueuing around it."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.work import Payload, payload

SEED = 20250101  # every subject gets the same order of durations and the same gaps


@dataclass(frozen=True)
class Mix:
    """Durations of jobs in ms with their weights; one entry is a plain load."""

    shares: tuple[tuple[int, int], ...] = ((0, 1),)

    @classmethod
    def parse(cls, text: str) -> Mix:
        """Read ``ms:weight,ms:weight``, as ``str`` writes it. Raises ``ValueError``."""
        pairs = (part.split(":") for part in text.split(","))
        return cls(tuple((int(duration), int(weight)) for duration, weight in pairs))

    def __str__(self) -> str:
        return ",".join(f"{duration}:{weight}" for duration, weight in self.shares)

    @property
    def mean_seconds(self) -> float:
        """Return the mean duration of a job."""
        total = sum(weight for _, weight in self.shares)
        return sum(duration * weight for duration, weight in self.shares) / total / 1000

    @property
    def longest_seconds(self) -> float:
        """Return the longest duration of a job."""
        return max(duration for duration, _ in self.shares) / 1000

    def draw(self, rng: random.Random) -> Iterator[int]:
        """Yield durations for ever, shuffled in decks so that each deck holds the exact shares."""
        deck = [duration for duration, weight in self.shares for _ in range(weight)]
        while True:
            rng.shuffle(deck)
            yield from deck


NO_OPS = Mix()


class Feed:
    """Yields ``count`` payloads and times the sends between them.

    The clock starts when payload number ``skip`` is asked for, so that connecting and the first batch are left out;
    ``gap`` seconds on average (half to one and a half, so that no poller can fall into step) pass before each payload.
    """

    def __init__(self, count: int, mix: Mix, gap: float = 0.0, skip: int = 1) -> None:
        self.count = count
        self._skip = min(skip, count - 1)
        self._gap = gap
        self._mix = mix
        self._started = 0.0
        self._ended = 0.0

    def __iter__(self) -> Iterator[Payload]:
        rng = random.Random(SEED)
        durations = self._mix.draw(rng)
        for index in range(self.count):
            if index == self._skip:
                self._started = time.perf_counter()
            if self._gap:
                time.sleep(self._gap * rng.uniform(0.5, 1.5))
            yield payload(next(durations))

    def finish(self) -> None:
        """Stop the clock; call it when the last send has returned."""
        self._ended = time.perf_counter()

    @property
    def rate(self) -> float:
        """Return timed sends a second."""
        return (self.count - self._skip) / (self._ended - self._started)
