"""A worker process from the inside: its main thread, which watches over the others and ends them."""

from __future__ import annotations

import logging
import math
import os
import re
import selectors
import signal
import socket
from time import monotonic
from typing import Final

from jobs.conf import Config
from jobs.errors import StoreError
from jobs.handlers.registry import Registry
from jobs.logs import get_logger
from jobs.patience import Patience
from jobs.store.store import Store, use_store

from .crew import Crew
from .link import Link
from .options import PoolOptions
from .signals import Signals
from .table import Phase, Table

TICK: Final = 0.1
CRASHED: Final = 70
UNSETTLED: Final = 75  # drained, but the store does not know of everything: the supervisor reports the rest
_ENDING: Final = frozenset({signal.SIGTERM, signal.SIGINT})
_log = get_logger(__name__)


class Worker:
    """`run` returns the exit code when everything has ended. The second SIGTERM ends the process at once."""

    def __init__(self, options: PoolOptions, config: Config, registry: Registry, table: Table, link: Link) -> None:
        self._options = options
        self._config = config
        self._registry = registry
        self._table = table
        self._link = link
        self._signals = Signals([signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._signals, selectors.EVENT_READ)
        self._selector.register(self._link, selectors.EVENT_READ)
        self._why = ""
        self._endings = 0
        self._reported = False
        self.name = worker_name(socket.gethostname(), os.getpid(), table.incarnation)

    def run(self) -> int:
        """Work until told to end."""
        store = self._open_store()
        if store is None:
            return 0
        use_store(store)
        crew = Crew(store, self._registry, self._table, self.name, self._options, self._config, self._signals.nudge)
        crew.start()
        while not self._why:
            self._look(TICK)
            self._watch(crew)
            self._table.show(part.client.breaker.view() for part in store.servers)
        _log.info("the worker drains", worker=self.name, why=self._why)
        self._table.phase = Phase.DRAINING
        crew.drain.begin(math.inf if self._why == "condemned" else self._options.grace)
        while not crew.drain.advance():
            self._look(TICK / 4)
            self._check(crew)
        crew.leave()
        return UNSETTLED if len(crew.shared.ledger) else 0

    def _open_store(self) -> Store | None:
        patience = Patience("main")
        while not self._why:
            try:
                return Store.open(self._config, most=1)
            except StoreError as error:
                patience.failed(error)
                self._look(1.0)
        return None

    def _look(self, seconds: float) -> None:
        """Wait for a signal or a message, and note what it asks for."""
        self._table.beat(monotonic())
        for key, _ in self._selector.select(seconds):
            if key.fileobj is self._signals:
                self._endings += sum(number in _ENDING for number in self._signals.read())
            else:
                self._listen()
        if self._endings:
            self._why = self._why or "signal"
        if self._endings > 1:
            _log.warning("the worker ends at once", worker=self.name)
            flush()
            os._exit(1)

    def _listen(self) -> None:
        messages = self._link.receive()
        if messages is None:
            self._selector.unregister(self._link)
            self._why = self._why or "the supervisor is gone"
            return
        if any(message.get("condemned") for message in messages):
            self._why = self._why or "condemned"

    def _watch(self, crew: Crew) -> None:
        self._check(crew)
        if crew.claiming and not self._reported:
            self._reported = True
            self._table.phase = Phase.CLAIMING
            self._link.send({"ready": True})
        reason = "ordered" if crew.ordered else crew.warden.worn_out()
        if reason and not self._why:
            self._why = reason
            self._link.send({"leaving": reason})

    def _check(self, crew: Crew) -> None:
        crew.warden.look()
        if crew.crashed is not None:
            flush()
            os._exit(CRASHED)


def worker_name(host: str, pid: int, incarnation: str) -> str:
    """What a worker is called in the store and in logs: unique, and fit for an address."""
    return f"{re.sub(r'[^A-Za-z0-9.-]', '-', host)[:60]}-{pid}-{incarnation[:6]}"


def flush() -> None:
    """Write out what is buffered, before an exit that does not do it."""
    logging.shutdown()
