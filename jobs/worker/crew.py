"""Puts the parts of a worker process together and starts its threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from jobs.conf import Config
from jobs.handlers.registry import Registry
from jobs.logs import get_logger
from jobs.middleware import get_chain
from jobs.store.consumer import Consumer
from jobs.store.stacks import WORD as STACK
from jobs.store.store import Store

from .drain import Drain
from .held import Held
from .joined import joined
from .known_types import LOOK_EVERY, KnownTypes
from .lane import Common, Lane
from .loop import LoopExecutor
from .options import PoolOptions
from .presence import Presence
from .runner import Runner
from .shared import Shared
from .slots import Slots
from .stacks import StackAnswers
from .table import Table
from .threads import ThreadExecutor
from .timetable import Duty
from .turns import Turns
from .warden import Warden

_log = get_logger(__name__)


class Crew:
    """All of one worker but its main thread, which drives `warden` and `drain`. For each partition there is a lane.

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
        self._on_change = on_change
        self.claiming = False
        self.ordered = False
        self.crashed: BaseException | None = None
        slots = Slots(options.concurrency, self._start)
        self.shared, parts = joined(Shared(worker, registry, table, slots), len(store.parts))
        self.warden = Warden(self.shared, options.max_jobs, options.max_memory)
        self._stacks = StackAnswers(self.shared)
        runner = Runner(self.shared, get_chain())
        runner.watch()
        self._threads = ThreadExecutor(runner, slots, self._crash)
        self._loop = LoopExecutor(runner, slots, self._crash)
        self.presence = Presence(store.registry, self.shared, options, config.release)
        common = self._common(len(parts), options, config)
        duties = [Duty(config.heartbeat_seconds, self.presence.beat)]
        known = KnownTypes(store.registry)
        if len(parts) > 1:
            duties.append(Duty(LOOK_EVERY, known.look))
        self._lanes = [
            Lane(part, shared, at, common, known if at else store.registry, () if at else duties)
            for at, (part, shared) in enumerate(zip(store.parts, parts, strict=True))
        ]
        self.drain = Drain(self.shared, self._lanes)

    def start(self) -> None:
        """Start claiming."""
        for lane in self._lanes:
            lane.start()

    def leave(self) -> None:
        """Say that this worker has gone, unless the store has not answered just now."""
        if not self._lanes[0].is_away:
            self.presence.leave()

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

    def _common(self, lanes: int, options: PoolOptions, config: Config) -> Common:
        return Common(
            options=options,
            config=config,
            turns=Turns(self.shared.slots, self.shared.estimate, lanes) if lanes > 1 else None,
            lanes=lanes,
            obey=self.obey,
            on_claiming=self._note_claiming,
            cancel=self.warden.cancel,
            thread=self._thread,
        )

    def _start(self, held: Held) -> None:
        asynchronous = held.handler is not None and held.handler.is_async
        (self._loop if asynchronous else self._threads).start(held)

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
