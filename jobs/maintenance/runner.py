"""The tiny loop around every duty: a thread and connections of its own, a leader's lease, patience with the store."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import Final

import msgspec

from jobs.logs import get_logger
from jobs.patience import Patience
from jobs.store.fencing import NotLeading
from jobs.store.store import Store

from .duty import Duty
from .leadership import USUAL, Leadership, Terms

log = get_logger(__name__)
JITTER: Final = 0.2  # of a period, by which runs come earlier than it ends


class Plan(msgspec.Struct, frozen=True):
    """How a duty is done: its usual `period` in seconds, how it is made, the `terms` of its leader.

    `make` gets a store for this duty's thread alone, of at most one pooled connection. For a duty that is done by
    partition that is the store of one, and each has a leader of its own.
    """

    name: str
    period: float
    make: Callable[[Store, Leadership], Duty]
    terms: Terms = USUAL
    led: bool = True  # False: every process does it, without a leader


class Runner:
    """Does one duty until it is told to stop. After trouble or a lost term it starts anew: new connections, a new duty.

    `open_store` makes a store of the runner's own; `holder` names this candidate among all processes, `label` the duty
    to people, where its name alone does not.
    """

    def __init__(self, plan: Plan, open_store: Callable[[], Store], holder: str, label: str = "") -> None:
        self.plan = plan
        self._label = label or plan.name
        self._open_store = open_store
        self._holder = holder
        self._stopping = False
        self._wake = threading.Event()
        self._nudged = threading.Event()
        self._patience = Patience(self._label)
        self._led = self._has_worked = False
        self._due = float("-inf")
        self._back_by = float("inf")  # when it means to take its next turn
        self._thread = threading.Thread(target=self.run, name=f"duty-{self._label}", daemon=True)

    @property
    def leads(self) -> bool:
        """Whether it was in charge of its duty when it last looked."""
        return self._led

    @property
    def is_in_trouble(self) -> bool:
        """Whether it failed when it last tried."""
        return self._patience.is_tried

    @property
    def overdue(self) -> float:
        """Seconds for which its next turn, or the end of this one, has been awaited; 0 while it rests as it means to.

        Patience with a store or a database that is away is rest: a thread that has ended, or hangs, has none.
        """
        return max(0.0, time.monotonic() - self._back_by)

    def start(self) -> None:
        """Begin, in a thread."""
        self._back_by = time.monotonic()
        self._thread.start()

    def stop(self) -> None:
        """Ask for the end; `join` waits for it."""
        self._stopping = True
        self._wake.set()

    def nudge(self) -> None:
        """Let the duty run at once."""
        self._nudged.set()
        self._wake.set()

    def join(self, seconds: float) -> bool:
        """True when the thread has ended within `seconds`."""
        self._thread.join(max(0.0, seconds))
        return not self._thread.is_alive()

    def run(self) -> None:
        """Do the duty until `stop`. Never raises: whatever goes wrong is logged once, and tried again later."""
        while not self._stopping:
            try:
                self._serve()
            except Exception as error:
                self._pause(self._patience.failed(error))

    def _serve(self) -> None:
        store = self._open_store()
        leadership = Leadership(store.keeper, self.plan.name, self._holder, self.plan.terms)
        leadership.has_worked = self._has_worked
        duty = self.plan.make(store, leadership)
        try:
            while not self._stopping:
                was_leading = self._led
                wait = self._step(duty, leadership)
                if was_leading and not self._led:
                    return  # what it holds and remembers is out of date by the time it leads again
                self._pause(wait)
            duty.leave()
            leadership.resign()
        finally:
            self._note(False)
            self._has_worked = leadership.has_worked
            duty.close()
            store.close()

    def _step(self, duty: Duty, leadership: Leadership) -> float:
        """Renew, run if it is time to, and return the seconds until there is something to do."""
        if self.plan.led:
            leading = leadership.keep()
            self._note(leading)
            if not leading:
                self._patience.succeeded()
                return leadership.wait
        if self._nudged.is_set() or time.monotonic() >= self._due:
            self._nudged.clear()
            self._run(duty, leadership)
            self._patience.succeeded()
        wait = max(0.0, self._due - time.monotonic())
        return min(wait, leadership.wait) if self.plan.led else wait

    def _run(self, duty: Duty, leadership: Leadership) -> None:
        period = self.plan.period * (1 - JITTER * random.random())
        try:
            result = duty.run_once()
            period = period if result.again is None else result.again
        except NotLeading:
            leadership.drop()
            period = 0.0
        finally:
            self._due = time.monotonic() + period

    def _note(self, leading: bool) -> None:
        if self.plan.led and leading != self._led:
            self._led = leading
            log.info("leads" if leading else "no longer leads", duty=self._label, holder=self._holder)

    def _pause(self, seconds: float) -> None:
        if seconds > 0 and not self._stopping:
            self._back_by = time.monotonic() + seconds
            self._wake.wait(seconds)
        self._wake.clear()
        self._back_by = time.monotonic()
