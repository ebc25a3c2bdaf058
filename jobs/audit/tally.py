"""Counts everything once more from the records, to compare with what the scripts count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from jobs.states import State
from jobs.store.keeper import Entry
from jobs.store.survey import Totals
from jobs.types import JobRecord

GAUGED = (State.SCHEDULED, State.RETRYING, State.ACTIVE, State.DEAD)
RETAINED = (State.COMPLETED, State.CANCELLED)
Drift = dict[str, tuple[int, int]]  # counter -> (what it says, what was counted)


class Tally:
    """Gauges and groups as the records say them."""

    def __init__(self) -> None:
        self.gauges: Counter[str] = Counter()
        self.groups: Counter[str] = Counter()
        self.jobs = 0

    def count_all(self, entries: Iterable[Entry]) -> None:
        """Count the jobs of some entries; one without a record is none."""
        for entry in entries:
            if entry.packed:
                self._count(entry.record)

    def count_held(self, entries: Iterable[Entry]) -> None:
        """Count the jobs of an index of held ones."""
        for entry in entries:
            if entry.record:
                self.gauges[f"{entry.record.queue}|held"] += 1

    def _count(self, record: JobRecord | None) -> None:
        self.jobs += 1
        if record is None:
            return
        if record.state in GAUGED:
            self.gauges[f"{record.queue}|{record.state.label}"] += 1
        if record.state in RETAINED:
            self.gauges["retained_bytes"] += record.size
        if record.state is State.DEAD:
            self.groups[record.fingerprint] += 1

    def drift(self, totals: Totals) -> Drift:
        """Where counters and counts differ."""
        pairs = {f"gauge {name}": pair for name, pair in _differences(totals.gauges, self.gauges)}
        pairs |= {f"error group {name}": pair for name, pair in _differences(totals.groups, self.groups)}
        return pairs


def imbalances(totals: Totals) -> Iterator[tuple[str, str]]:
    """Counters that contradict each other at one instant: name and sentence."""
    made, sizes = totals.totals, totals.sizes
    gone = {name: made.get(name, 0) for name in ("pruned", "deleted", "purged")}
    if made.get("created", 0) != sizes["metadata"] + sum(gone.values()):
        parts = " + ".join(f"{count} {name}" for name, count in gone.items())
        yield "created", f"{made.get('created', 0)} jobs were created, but {sizes['metadata']} are present + {parts}"
    if sizes["metadata"] != sizes["created"]:
        yield "creation index", f"there are {sizes['metadata']} records, but the creation index has {sizes['created']}"
    for state in (State.SCHEDULED, State.RETRYING, State.ACTIVE):
        counted = sum(count for name, count in totals.gauges.items() if name.endswith(f"|{state.label}"))
        if counted != sizes[state.label]:
            yield state.label, f"the gauges say {counted} jobs are {state.label}, the index has {sizes[state.label]}"


def _differences(said: dict[str, int], counted: dict[str, int]) -> Iterator[tuple[str, tuple[int, int]]]:
    for name in sorted(said.keys() | counted.keys()):
        pair = (said.get(name, 0), counted.get(name, 0))
        if pair[0] != pair[1]:
            yield name, pair
