"""What a worker has for each partition: a claimer and a settler, each a thread with a connection of its own."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from itertools import count
from time import monotonic
from typing import Final, NamedTuple

from jobs.conf import Config
from jobs.middleware import get_chain
from jobs.store.consumer import Consumer
from jobs.store.store import Store

from .claimer import Claimer, Claiming
from .dispatch import Dispatch
from .held import Held
from .known_types import KnowsTypes
from .leases import Leases
from .news import News
from .options import PoolOptions
from .reporting import Reporting
from .settler import Settler
from .shared import Shared
from .sharing_claimer import Share, SharingClaimer
from .timetable import Duty, Timetable
from .turns import Turns

SLACK: Final = 0.5  # seconds for a thread to end whose time is over
REPORT_EVERY: Final = 0.25
ORDERS_EVERY: Final = 0.5  # while all slots are taken; an idle worker hears at once


class Common(NamedTuple):
    """What all lanes of a worker are made with. `turns` is None for a single one."""

    options: PoolOptions
    config: Config
    turns: Turns | None
    lanes: int
    obey: Callable[[str, Consumer], None]
    on_claiming: Callable[[], None]
    cancel: Callable[[Held], None]
    thread: Callable[[str, Callable[[], None]], threading.Thread]


class Lane:
    """Lane number `at` of a worker: `store` is one partition, `duties` are more than the settler's usual ones.

    `workers` tells which types are known to anybody.
    """

    def __init__(
        self,
        store: Store,
        shared: Shared,
        at: int,
        common: Common,
        workers: KnowsTypes,
        duties: Sequence[Duty] = (),
    ) -> None:
        self._shared = shared
        self._at = at
        self._common = common
        self._control = store.keys.control(shared.worker)
        self._breaker = store.client.breaker
        self._settle_by = math.inf
        claims, settles = (store.consumer(shared.worker, shared.table.incarnation, name) for name in ("c", "s"))
        if common.turns is not None:
            claims.count_claims(count(common.lanes + at, common.lanes))
        self._claimer = self._made_claimer(claims)
        self._settler = self._made_settler(settles, workers, duties)
        self._claiming = common.thread(self._named("claimer"), self._claimer.run)
        self._settling = common.thread(self._named("settler"), self._settler.run)

    def start(self) -> None:
        """Start claiming."""
        self._claiming.start()
        self._settling.start()

    def stop_claiming(self) -> None:
        """Claim nothing more."""
        self._claimer.stop()

    def interrupt(self) -> None:
        """End a wait for work now, and any other one when its time is over; after `stop_claiming`."""
        self._claimer.interrupt()
        if monotonic() > self._settle_by:
            self._settler.interrupt()

    @property
    def is_away(self) -> bool:
        """Whether the store has not answered what it was asked last."""
        return self._breaker.troubled

    @property
    def claims(self) -> bool:
        """False when everything is here that will come."""
        return self._claiming.is_alive() and monotonic() < self._claimer.until + SLACK

    def stop_settling(self, deadline: float) -> None:
        """End when everything is settled that has ended, at the latest at that monotonic instant: soon, where the store
        is away and there is nothing that it should know."""
        if self.is_away and not len(self._shared.ledger):
            deadline = min(deadline, monotonic() + SLACK)
        self._settle_by = deadline
        self._settler.stop(deadline)

    @property
    def settles(self) -> bool:
        """False when the store knows of everything, or will not be told."""
        return self._settling.is_alive() and monotonic() < self._settle_by + SLACK

    def _named(self, who: str) -> str:
        """What one of its threads is called, also in the log."""
        return who if self._common.turns is None else f"{who} of partition {self._at}"

    def _made_claimer(self, consumer: Consumer) -> Claimer:
        common, shared = self._common, self._shared
        late_after = common.config.lease_seconds / 2
        claiming = Claiming(common.options.queues, self._control, late_after, common.on_claiming, common.obey)
        if common.turns is None:
            return Claimer(consumer, shared, claiming)
        share = Share(common.turns, self._at, shared.table.capacity // common.lanes)
        return SharingClaimer(consumer, shared, claiming, share)

    def _made_settler(self, consumer: Consumer, workers: KnowsTypes, duties: Sequence[Duty]) -> Settler:
        common, shared = self._common, self._shared
        config = common.config
        dispatch = Dispatch(consumer, shared.contact, self._named("settler"))
        reporting = Reporting(consumer, dispatch, shared.reports, shared.measuring)
        leases = Leases(consumer, dispatch, shared.ledger, common.cancel)

        def take_orders() -> None:
            if not self._claimer.waiting:  # then it hears them itself
                for order in dispatch.ask(lambda: consumer.orders(self._control)):
                    common.obey(order, consumer)

        timetable = Timetable(
            *duties,
            Duty(config.lease_seconds / 3, leases.renew),
            Duty(REPORT_EVERY, reporting.run_due),
            Duty(ORDERS_EVERY, take_orders),
        )
        news = News(get_chain(), shared.worker)
        return Settler(dispatch, shared, timetable, reporting, news, workers, config.unknown_type_grace_seconds * 1000)
