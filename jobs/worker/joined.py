"""One worker over several partitions: what its threads have in common, and what those of each partition have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from queue import SimpleQueue
from typing import Any, Final

from .contact import Contact
from .estimate import Estimate
from .held import Held
from .ledger import Ledger
from .measuring import Measuring
from .reports import Reports
from .shared import Shared

# Each partition has but its part of a worker's flow, and so of each batch: these make batches of short jobs larger.
MOST_AHEAD: Final = 500
LINGER: Final = 0.006


def joined(shared: Shared, partitions: int) -> tuple[Shared, list[Shared]]:
    """What serves all partitions, and what serves one each, made from `shared`. Handlers' measures go to the first.

    A claim's number says from which partition it is: its rest on division by how many there are.
    """
    if partitions == 1:
        return shared, [shared]
    shared = replace(shared, estimate=Estimate(MOST_AHEAD), linger=LINGER)
    parts = [
        replace(
            shared,
            ledger=Ledger(),
            reports=Reports(),
            measuring=shared.measuring if at == 0 else Measuring(),
            contact=Contact(),
            outbox=SimpleQueue(),
        )
        for at in range(partitions)
    ]
    whole = replace(
        shared,
        ledger=_Ledgers([part.ledger for part in parts]),
        reports=_AllReports([part.reports for part in parts]),
        contact=_Contacts([part.contact for part in parts]),
        outbox=_Outboxes([part.outbox for part in parts]),
    )
    return whole, parts


class _Ledgers(Ledger):
    """Jobs of all partitions, to look at."""

    def __init__(self, ledgers: Sequence[Ledger]) -> None:
        self._ledgers = ledgers

    def open(self, jobs: Iterable[Held]) -> None:
        """These were claimed."""
        for held in jobs:
            _of(self._ledgers, held).open([held])

    def close(self, held: Held) -> None:
        """The store has acknowledged what became of this one."""
        _of(self._ledgers, held).close(held)

    def all(self) -> list[Held]:
        """All of them, in no order."""
        return [held for ledger in self._ledgers for held in ledger.all()]

    def __len__(self) -> int:
        return sum(map(len, self._ledgers))


class _AllReports(Reports):
    """What running jobs say, each to its partition's."""

    def __init__(self, parts: Sequence[Reports]) -> None:
        self._parts = parts

    def progress(self, held: Held, percent: float, message: str) -> None:
        """The job is so far."""
        _of(self._parts, held).progress(held, percent, message)

    def log(self, held: Held, lines: list[str]) -> None:
        """The job says something."""
        _of(self._parts, held).log(held, lines)


class _Contacts(Contact):
    """How this process reaches the store: another one would do better if it would with each partition."""

    def __init__(self, contacts: Sequence[Contact]) -> None:
        self._contacts = contacts

    @property
    def trouble(self) -> str:
        """Why another process would reach the store better; empty while it would not, or not all of it."""
        found = [contact.trouble for contact in self._contacts]
        for contact, trouble in zip(self._contacts, found, strict=True):
            if contact.exhausted:  # that is no partition's trouble
                return trouble
        return found[0] if all(found) else ""


class _Outboxes(SimpleQueue[Held | None]):
    """Takes jobs whose outcome is known to the settlers of their partitions."""

    def __init__(self, outboxes: Sequence[SimpleQueue[Held | None]]) -> None:
        self._outboxes = outboxes

    def put(self, item: Held | None, block: bool = True, timeout: float | None = None) -> None:
        """Take one; None wakes all."""
        for outbox in self._outboxes if item is None else (_of(self._outboxes, item),):
            outbox.put(item)


def _of(parts: Sequence[Any], held: Held) -> Any:
    return parts[held.number % len(parts)]
