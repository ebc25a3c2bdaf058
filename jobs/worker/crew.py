"""Puts the parts of a worker process together and starts its threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from jobs.conf import Config
from jobs.handlers.registry import Registry
from jobs.logs import get_logger
from jobs.middleware import get_chain
from jobs.store.consumer import Consumer
from jobs.store.stacks import WORD as STACK
from jobs.store.store import Store

from .claimer import Claimer
from .dispatch import Dispatch
from .drain import Drain
from .held import Held
from .leases import Leases
from .loop import LoopExecutor
from .news import News
from .options import PoolOptions
from .presence import Presence
from .reporting import Reporting
from .runner import Runner
from .settler import Settler
from .shared import Shared
from .slots import Slots
from .stacks import StackAnswers
from .table import Table
from .threads import ThreadExecutor
from .timetable import Duty, Timetable
from .warden import Warden

REPORT_EVERY: Final = 0.25
ORDERS_EVERY: Final = 0.5  # while all slots are taken; an idle worker hears at once
_log = get_logger(__name__)


class Crew:
    """All of one worker but its main thread, which drives `warden` and `drain`.

    `on_change` is called from any thread when `claiming`, `ordered` or `crashed` has changed.
    """

    def __init__(
        self,
        store: Store,
        registry: Registry,
        table: Table,
        worker: str,
        options: PoolOptions,
        config: Config,
        on_change: Callable[[], None],
    ) -> None:
        self._store = store
        self._control = store.keys.control(worker)
        self._on_change = on_change
        self.claiming = False
        self.ordered = False
        self.crashed: BaseException | None = None
        slots = Slots(options.concurrency, self._start)
        self.shared = shared = Shared(worker, registry, table, slots)
        self.warden = Warden(shared, options.max_jobs, options.max_memory)
        self._stacks = StackAnswers(shared)
        runner = Runner(shared, get_chain())
        runner.watch()
        self._threads = ThreadExecutor(runner, slots, self._crash)
        self._loop = LoopExecutor(runner, slots, self._crash)
        consumers = [store.consumer(worker, table.incarnation, name) for name in ("c", "s")]
        claimer, self.presence = self._claimer(consumers[0], options, config), self._presence(options, config)
        settler = self._settler(consumers[1], claimer, config)
        self._bodies = [self._thread("claimer", claimer.run), self._thread("settler", settler.run)]
        self.drain = Drain(shared, claimer, self._bodies[0], settler, self._bodies[1])

    def start(self) -> None:
        """Start claiming."""
        for thread in self._bodies:
            thread.start()

    def obey(self, order: str, consumer: Consumer) -> None:
        """Carry an order out: `cancel <job id>`, `drain`, or `stack …`, answered over the calling thread's consumer."""
        word, _, rest = order.partition(" ")
        if word == "drain":
            self.ordered = True
            self._on_change()
        elif word == "cancel":
            for held in self.shared.ledger.find(rest):
                self.warden.cancel(held)
        elif word == STACK:
            self._stacks.give(rest, consumer)
        else:
            _log.warning("an order is not understood", order=order[:200])

    def _start(self, held: Held) -> None:
        asynchronous = held.handler is not None and held.handler.is_async
        (self._loop if asynchronous else self._threads).start(held)

    def _claimer(self, consumer: Consumer, options: PoolOptions, config: Config) -> Claimer:
        late_after = config.lease_seconds / 2
        return Claimer(
            consumer, self.shared, options.queues, self._control, late_after, self._note_claiming, self.obey
        )  # fmt: skip

    def _presence(self, options: PoolOptions, config: Config) -> Presence:
        return Presence(self._store.registry, self.shared, options, config.release)

    def _settler(self, consumer: Consumer, claimer: Claimer, config: Config) -> Settler:
        shared, workers = self.shared, self._store.registry
        dispatch = Dispatch(consumer, shared.contact)
        reporting = Reporting(consumer, dispatch, shared.reports, shared.measuring)
        leases = Leases(consumer, dispatch, shared.ledger, self.warden.cancel)

        def take_orders() -> None:
            if not claimer.waiting:  # then it hears them itself
                for order in dispatch.ask(lambda: consumer.orders(self._control)):
                    self.obey(order, consumer)

        timetable = Timetable(
            Duty(config.heartbeat_seconds, self.presence.beat),
            Duty(config.lease_seconds / 3, leases.renew),
            Duty(REPORT_EVERY, reporting.run_due),
            Duty(ORDERS_EVERY, take_orders),
        )
        news = News(get_chain(), shared.worker)
        grace_ms = config.unknown_type_grace_seconds * 1000
        return Settler(dispatch, shared, timetable, reporting, news, workers, grace_ms)

    def _thread(self, name: str, body: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                body()
            except BaseException as error:
                self._crash(error)

        return threading.Thread(target=run, name=name, daemon=True)

    def _note_claiming(self) -> None:
        if not self.claiming:
            self.claiming = True
            self._on_change()

    def _crash(self, error: BaseException) -> None:
        self.crashed = error
        self._on_change()
        with suppress(Exception):  # an error that cannot even be written down
            _log.critical("a thread of the worker failed: the process ends", exc_info=error)
