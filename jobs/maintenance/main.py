"""The `maintenance` process beside a supervisor: the crew of leaders, and the supervisor's link to the store."""

from __future__ import annotations

import random
import selectors
from time import monotonic
from typing import Final

from jobs.conf import Config
from jobs.logs import get_logger
from jobs.worker.link import Link
from jobs.worker.options import PoolOptions

from .alarm import Alarm
from .crew import Crew, holder_name, part_opener, store_opener
from .forwarding import forwarder_of
from .mailbox import Mailbox
from .pool_member import NAME as POOL
from .pool_member import PoolMember
from .runner import Plan, Runner
from .settling import NAME as SETTLING
from .settling import Settling
from .stack_desk import NAME as STACKS
from .stack_desk import StackDesk

log = get_logger(__name__)
JOIN_SECONDS: Final = 1.0  # between two heartbeats of the supervisor
AWAY_SECONDS: Final = 2.0  # for the partitions that are away to come back, at the end
END_SECONDS: Final = 0.8  # for threads to end; who does not is in a call to a store that does not answer


def run(link: Link, options: PoolOptions, config: Config) -> int:
    """Be the maintenance process of a supervisor with these orders. Returns the exit code.

    Ends within a second after SIGTERM and when the supervisor is gone, and when it says that it stops and all its
    reports are settled.
    """
    random.seed()  # a forked child would share its jitter with its siblings
    maintenance = Maintenance(link, options, config)
    maintenance.alarm.listen()
    maintenance.run()
    return 0


class Maintenance:
    """The main thread holds the link; the store is other threads' business, so that an outage never blocks it."""

    def __init__(self, link: Link, options: PoolOptions, config: Config) -> None:
        self.alarm = Alarm()
        self._link = link
        self._stopping = False
        self._stopped_at = 0.0
        self._selector = selectors.DefaultSelector()
        self._selector.register(link, selectors.EVENT_READ)
        self._selector.register(self.alarm, selectors.EVENT_READ)
        self._mailbox = Mailbox(self._nudge, self.alarm.ring, config.partitions.count)
        supervisor_id, limits = options.supervisor, (options.least, options.most)
        queues = tuple(name for name, _ in options.queues)
        plan = Plan(
            POOL,
            JOIN_SECONDS,
            lambda store, _: PoolMember(store, self._mailbox, options.name, supervisor_id, limits, queues),
            led=False,
        )
        desk = Plan(STACKS, 0.0, lambda store, _: StackDesk(store, self._mailbox, supervisor_id), led=False)
        self._member = Runner(plan, store_opener(config), holder_name(supervisor_id))
        self._desk = Runner(desk, store_opener(config), holder_name(supervisor_id))
        self._settlers = self._settling(config, supervisor_id)
        self._crew = Crew(config, supervisor_id)
        self._forwarder = forwarder_of(config, supervisor_id) if config.outbox else None

    def run(self) -> None:
        """Work until there is a reason to end."""
        self._member.start()
        self._desk.start()
        for settler in self._settlers:
            settler.start()
        self._crew.start()
        if self._forwarder:
            self._forwarder.start()
        try:
            while self._attend():
                pass
        finally:
            self._member.stop()
            for settler in self._settlers:
                settler.stop()  # and nobody waits for it: there is nothing to settle, or the store does not answer
            self._desk.stop()  # and nobody waits for it: it listens to the store, and holds nothing
            self._crew.stop()
            if self._forwarder:
                self._forwarder.stop()  # and nobody waits for it: what it is at is done again by the next one
            ended = self._member.join(END_SECONDS / 2)
            if not (self._crew.join(END_SECONDS / 2) and ended):
                log.warning("ends without the store's answer")
            self._selector.close()
            self.alarm.close()

    def _attend(self) -> bool:
        """Pass on what the link and the store's side have for each other. False when it is time to end."""
        self._selector.select(1.0 if self._link.flush() else 0.05)
        self.alarm.clear()
        messages = self._link.receive()
        if messages is None or self.alarm.ended:
            return False
        for message in messages:
            if message.get("stop"):
                self._stopping, self._stopped_at = True, monotonic()
            self._mailbox.deliver(message)
        open_reports = self._waits()  # before what goes out: a report is settled before it is acknowledged
        for answer in self._mailbox.outgoing():
            self._link.send(answer)
        return not (self._stopping and not open_reports and self._link.flush())

    def _waits(self) -> bool:
        """Whether reports wait to be settled; soon after the stop no longer where only partitions that are away do."""
        if not self._stopping or monotonic() < self._stopped_at + AWAY_SECONDS:
            return bool(self._mailbox.reports())
        there: list[int | None] = [at for at, settler in enumerate(self._settlers) if not settler.is_in_trouble]
        return any(map(self._mailbox.reports, there or [None]))

    def _settling(self, config: Config, supervisor: str) -> list[Runner]:
        """Who settles in each partition; of one alone the pool's member does it."""

        def runner(at: int) -> Runner:
            plan = Plan(SETTLING, JOIN_SECONDS, lambda store, _: Settling(store, self._mailbox, at), led=False)
            name = f"{SETTLING} of partition {at}"
            return Runner(plan, part_opener(config, at), holder_name(supervisor), name)

        count = config.partitions.count
        return [runner(at) for at in range(count)] if count > 1 else []

    def _nudge(self) -> None:
        self._member.nudge()
        for settler in self._settlers:
            settler.nudge()
