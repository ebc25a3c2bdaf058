"""Brings the outbox to the store: a thread in each web process and beside each pool, one of which is at work."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from jobs.connections import own
from jobs.errors import StoreError
from jobs.patience import Patience
from jobs.store.store import Store

from . import table
from .bells import bells
from .delivery import Made
from .lease import Lease
from .sender import Sender
from .stuck import Stuck

PERIOD_SECONDS: Final = 3.0  # between two looks at an outbox in which nothing waits
QUIET_SECONDS: Final = 20.0  # the same where the outbox is off, for what is left from before
OTHERS_SECONDS: Final = 1.0  # between two looks while somebody else is at work
LEASE_SECONDS: Final = 8.0  # longer than one entry can take, whatever is away


class Forwarder:
    """Sends what waits in the outbox, in order, and waits while the store is away.

    `open_store` makes a store of its own, with one connection; `holder` names this process among all; `made` hears of
    each job that the store has then. `period`: seconds between two looks where no entry of this process rings. `lease`:
    seconds after which another process may go on in place of one that has died.
    """

    def __init__(
        self,
        open_store: Callable[[], Store],
        holder: str,
        made: Made,
        *,
        period: float = PERIOD_SECONDS,
        lease: float = LEASE_SECONDS,
    ) -> None:
        self._open_store = open_store
        self._made = made
        self._period = period
        self._lease = Lease(holder, lease)
        self._renew_seconds = lease / 4
        self._store: Store | None = None
        self._bell = threading.Event()
        self._ended = threading.Event()
        self._patience = Patience("outbox")
        self._stuck = Stuck()
        self._renewed = float("-inf")
        self._thread = threading.Thread(target=self.run, name="outbox-forwarder", daemon=True)

    def start(self) -> None:
        """Begin, in a thread."""
        bells.add(self._bell)
        self._thread.start()

    def stop(self) -> None:
        """Ask for the end; `join` waits for it."""
        self._ended.set()
        self._bell.set()

    def join(self, seconds: float) -> bool:
        """True when the thread has ended within `seconds`."""
        self._thread.join(max(0.0, seconds))
        return not self._thread.is_alive()

    def run(self) -> None:
        """Work until `stop`. Never raises: what goes wrong is logged once, and tried again later."""
        while not self._stopping:
            try:
                with own(table.alias()) as using:
                    wait = self._serve(using)
            except Exception as error:
                self._ended.wait(self._bear(error))  # whoever rings
            else:
                self._await_bell(wait)
        self._drop_store()

    def _serve(self, using: str) -> float:
        """Look and send, over one connection, until `stop`, or until nothing waits and this look was the last for long.

        Returns the seconds after which to go on.
        """
        while not self._stopping:
            if not table.waiting(using).exists():
                self._drop_store()
                self._stuck.clear()
                if self._period > PERIOD_SECONDS:
                    return self._period
                self._await_bell(self._period)
            elif not self._lead(using):
                self._ended.wait(OTHERS_SECONDS)
            else:
                self._forward(using)
        self._lease.give_back(using)
        return 0.0

    def _forward(self, using: str) -> None:
        """Send a window's worth, or all that can be sent while a partition is away. Waits where the store is away."""
        try:
            self._store = self._store or self._open_store()
            sender = Sender(self._store, using, self._made, self._stuck)
            wait = sender.send(lambda: self._lead(using))
        except StoreError as error:
            self._ended.wait(self._bear(error))
            return
        if sender.has_sent or not self._stuck:
            self._patience.succeeded()
        self._await_bell(min(wait, self._renew_seconds))

    def _lead(self, using: str) -> bool:
        """Whether it is this process's turn; asked before each batch, and looked up now and then."""
        if self._stopping:
            return False
        if time.monotonic() - self._renewed >= self._renew_seconds:
            if not self._lease.take(using):
                self._renewed = float("-inf")
                return False
            self._renewed = time.monotonic()
        return True

    def _bear(self, error: Exception) -> float:
        """Seconds to wait after a failure, more each time."""
        self._drop_store()
        return self._patience.failed(error)

    def _drop_store(self) -> None:
        """A server that went away may come back at another address."""
        store, self._store = self._store, None
        if store is not None:
            store.close()

    @property
    def _stopping(self) -> bool:
        return self._ended.is_set()

    def _await_bell(self, seconds: float) -> None:
        self._bell.wait(seconds)
        self._bell.clear()
