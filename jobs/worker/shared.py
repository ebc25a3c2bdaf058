"""What the threads of one worker process have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from queue import SimpleQueue

from jobs.handlers.registry import Registry

from . import verdicts
from .contact import Contact
from .estimate import Estimate
from .held import Held
from .ledger import Ledger
from .measuring import Measuring
from .reports import Reports
from .slots import Slots
from .table import Table
from .waiting import Waiting


@dataclass(frozen=True)
class Shared:
    """Each part is safe for threads. `outbox` brings jobs whose outcome is known to the settler; None wakes it.

    `linger`: seconds for which the settler lets a dense flow of them gather.
    """

    worker: str
    registry: Registry
    table: Table
    slots: Slots
    ledger: Ledger = field(default_factory=Ledger)
    reports: Reports = field(default_factory=Reports)
    measuring: Measuring = field(default_factory=Measuring)
    estimate: Estimate = field(default_factory=Estimate)
    contact: Contact = field(default_factory=Contact)
    waiting: Waiting = field(default_factory=Waiting)
    outbox: SimpleQueue[Held | None] = field(default_factory=SimpleQueue)
    linger: float = 0.0

    def give_back(self, held: Held) -> None:
        """A job goes back to its queue: it has not started here, or is left behind by a drain."""
        held.outcome = verdicts.given_back(held)
        self.outbox.put(held)
