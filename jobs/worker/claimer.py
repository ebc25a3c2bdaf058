"""The thread that claims: as much as can start soon, and when there is nothing, waits to be woken."""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Final, NamedTuple

from jobs.errors import QueueFlowError, StoreError, StoreUnavailable
from jobs.logs import get_logger
from jobs.patience import Patience
from jobs.store.consumer import Consumer
from jobs.types import Claim

from . import verdicts
from .held import Held
from .shared import Shared

MOST_AT_ONCE: Final = 250
MOST_WHEN_WOKEN: Final = 2  # so many wait for the lease of a worker that vanished while it waited; one leaves no doubt
GIVE_WAY: Final = 0.00002  # seconds for which a slot's thread that was just woken has the interpreter for itself
LAST_TRIES: Final = 2.0  # seconds for the answer to a claim that is missing when the worker drains
_log = get_logger(__name__)


class Claiming(NamedTuple):
    """What is claimed, and who hears of it: the weight of each queue, the key `control` at which orders arrive.

    `late_after` seconds after it was asked for, a claim that arrives is too old to be started.
    """

    queues: tuple[tuple[str, int], ...]
    control: str
    late_after: float
    on_claiming: Callable[[], None]
    on_order: Callable[[str, Consumer], None]


class Claimer:
    """Owns the consumer "c". `run` is its thread's body; `stop`, `interrupt` and `waiting` are for other threads."""

    def __init__(self, consumer: Consumer, shared: Shared, claiming: Claiming) -> None:
        self._consumer = consumer
        self._shared = shared
        self._queues, self._control, self._late_after, self._on_claiming, self._on_order = claiming
        self._stopping = threading.Event()
        self._until = math.inf
        self._patience = Patience("claimer")
        self._asked = 0.0
        self._empty = False  # the last claim got less than it asked for: whatever comes now brings a token
        self.waiting = self._spoilt = False

    def run(self) -> None:
        """Claim until `stop`; then pass on the wake-up token that this worker may have taken."""
        while not self._stopping.is_set():
            try:
                if self._consumer.unanswered:
                    self._take(self._consumer.repeat())
                if self._shared.contact.cut:
                    self._claim(0)
                    self._stopping.wait(0.25)
                else:
                    self._step()
                self._patience.succeeded()
            except QueueFlowError as error:
                self.waiting = False
                self._shared.contact.failed(error)
                if not self._stopping.is_set():
                    self._stopping.wait(self._patience.failed(error))
        self._pass_on()
        self._consumer.close()

    def stop(self) -> None:
        """Claim nothing more. What was asked for already is waited for until `until`."""
        self._until = monotonic() + LAST_TRIES
        self._stopping.set()

    @property
    def until(self) -> float:
        """The monotonic instant at which it gives up an answer; after `stop`."""
        return self._until

    def interrupt(self) -> None:
        """End a wait for work now, and any other when its time is over; after `stop`, until the thread has ended."""
        if self.waiting or monotonic() > self._until:
            self._consumer.interrupt()

    def _step(self) -> None:
        slots = self._shared.slots
        ahead = self._shared.estimate.ahead(slots.flowing())
        slots.wait_for_room(-1 if self._empty or not ahead else ahead // 2, 0.25)
        if self._stopping.is_set() or (self._empty and not slots.free):
            return
        room = self._shared.table.capacity - len(self._shared.ledger)
        want = min(slots.free + max(ahead - slots.waiting, 0), room, MOST_AT_ONCE)
        if room <= 0:  # outcomes wait for the store: nothing may start that could not be entered in the table
            self._stopping.wait(0.05)
        elif self._empty:
            self._wait(want)
        elif want > 0:
            self._claim(want)

    def _wait(self, want: int) -> None:
        """Claim when something comes, and every second or two in case a token was lost."""
        want, seconds = min(want, MOST_WHEN_WOKEN), self._wait_seconds()
        self.waiting, self._asked = True, monotonic()
        woken = self._consumer.wait_and_claim(self._queues, want, self._control, seconds)
        self.waiting = False
        self._got(woken.claims, want)
        if woken.claims and self._empty:
            time.sleep(GIVE_WAY)
        if woken.order:
            self._on_order(woken.order, self._consumer)
        if woken.trouble:  # there is no list to wait at: what is claimed from time to time must do
            if not self._spoilt:
                _log.error("no wake-up can be waited for", error=str(woken.trouble))
            self._spoilt = True
            self._stopping.wait(seconds)

    def _wait_seconds(self) -> float:
        return min(random.uniform(1.0, 2.0), self._late_after / 2)

    def _claim(self, want: int) -> None:
        self._asked = monotonic()
        self._got(self._consumer.claim(self._queues, want), want)

    def _got(self, claims: Sequence[Claim], want: int) -> None:
        self._empty = len(claims) < want
        self._shared.contact.claimer_heard()
        self._take(claims)
        self._on_claiming()

    def _take(self, claims: Sequence[Claim]) -> None:
        if not claims:
            return
        shared, received = self._shared, monotonic()
        number = int(claims[0].token.rpartition(".")[2])
        jobs = [Held(claim, number, shared.registry.get(claim.record.type), received) for claim in claims]
        shared.ledger.open(jobs)
        if self._stopping.is_set() or received - self._asked > self._late_after:
            self._give_back(jobs)
            return
        runnable = [held for held in jobs if held.handler is not None and held.claim.envelope is not None]
        shared.estimate.saw([held.claim.record.type for held in runnable])
        shared.slots.submit(runnable)
        if len(runnable) < len(jobs):
            for held in jobs:
                if held.claim.envelope is None:
                    held.outcome = verdicts.unreadable(held)
                if held.claim.envelope is None or held.handler is None:
                    shared.outbox.put(held)

    def _give_back(self, jobs: Sequence[Held]) -> None:
        for held in jobs:
            self._shared.give_back(held)

    def _pass_on(self) -> None:
        while monotonic() < self._until:
            try:
                if self._consumer.unanswered:
                    self._take(self._consumer.repeat())
                self._consumer.claim(self._queues, 0)
                return
            except StoreUnavailable:
                threading.Event().wait(0.1)
            except StoreError as error:
                _log.warning("a wake-up could not be passed on", error=str(error))
                return
