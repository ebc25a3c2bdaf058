"""How the queues of a pool move, as far as they are its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

import msgspec

from jobs.store.scaling import Movement
from jobs.store.store import Store

Key = tuple[tuple[str, ...], int]  # queues, number of the bucket


class Flow(msgspec.Struct):
    """What ten seconds counted of the queues of a pool; of those that it shares, the pool's part."""

    arrived: float = 0.0
    completed: float = 0.0
    failed: float = 0.0
    dead: float = 0.0
    busy_seconds: float = 0.0


class Flows:
    """Reads buckets of ten seconds, and remembers the last ones that are over."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._counted: dict[Key, Movement] = {}

    def of(self, parts: Mapping[str, int], numbers: Sequence[int], paused: Set[str] = frozenset()) -> list[Flow]:
        """What the buckets with these (rising) numbers counted, of which the last is not over. Raises StoreError.

        `parts` say among how many pools each queue is divided. To queues that are `paused` nothing arrives.
        """
        flows = [Flow() for _ in numbers]
        for part, is_paused in sorted({(part, queue in paused) for queue, part in parts.items()}):
            queues = sorted(queue for queue, each in parts.items() if (each, queue in paused) == (part, is_paused))
            for flow, moved in zip(flows, self._movements(tuple(queues), numbers), strict=True):
                flow.arrived += 0 if is_paused else moved.arrived / part
                flow.completed += moved.completed / part
                flow.failed += moved.failed / part
                flow.dead += moved.dead / part
                flow.busy_seconds += moved.busy_ms / 1000 / part
        return flows

    def forget(self, before: int) -> None:
        """Remember no buckets with a smaller number."""
        self._counted = {key: value for key, value in self._counted.items() if key[1] >= before}

    def _movements(self, queues: tuple[str, ...], numbers: Sequence[int]) -> list[Movement]:
        known = {number: self._counted.get((queues, number)) for number in numbers}
        missing = [number for number, found in known.items() if found is None]
        fresh = dict(zip(missing, self._store.scaling.movements(queues, missing), strict=True))
        self._counted |= {(queues, number): found for number, found in fresh.items() if number < numbers[-1] - 1}
        return [known[number] or fresh[number] for number in numbers]
