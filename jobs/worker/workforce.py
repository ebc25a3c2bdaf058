"""The workers of one supervisor: their births, deadlines, drains and deaths."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any, Final

from jobs.conf import get_config
from jobs.logs import get_logger

from .birth import Birth
from .child import MARK
from .drain import FLUSH_SECONDS
from .link import Link
from .losses import Job, loss_of
from .member import Member
from .options import PoolOptions
from .orphans import kill_orphans, kill_tree
from .pool import Pool
from .pulse import PulseWatch
from .table import Phase, Table

OBEY_SECONDS: Final = 1.0  # after its deadline a job has so long to end; then its worker is replaced
OTHERS_SECONDS: Final = 2.0  # for the other jobs of a worker that was replaced; then it is killed
SLACK_SECONDS: Final = 3.0  # beyond the grace period and the last settling; then a drained worker is killed
LEAST_PATIENCE: Final = 5.0  # seconds for which a worker's main thread may stand still, however short the leases are
LEAST_ENTRIES: Final = 1024
_log = get_logger(__name__)


class Workforce:
    """`tend` is called often. `watch` and `unwatch` tell the select loop of a new or closed link."""

    def __init__(
        self,
        options: PoolOptions,
        birth: Birth,
        watch: Callable[[Member], None],
        unwatch: Callable[[Link], None],
        on_loss: Callable[[Job], None],
    ) -> None:
        self._options = options
        self._birth = birth
        self._watch = watch
        self._unwatch = unwatch
        self._on_loss = on_loss
        self._recycling: list[Member] = []
        self._kill_after = options.grace + FLUSH_SECONDS + SLACK_SECONDS
        config = get_config()
        self._partitions = config.partitions.count  # each may fill a table of its own size
        # By then its leases have run out, and the reaper has given its jobs to others.
        patience = max(config.lease_seconds + 2 * config.reaper_seconds, LEAST_PATIENCE)
        self._pulses = PulseWatch(patience, monotonic())
        self._full = -1  # the desired count that was last reached
        self.pool = Pool(options.least, options.most)
        self.members: dict[int, Member] = {}

    @property
    def ready(self) -> int:
        """How many workers claim."""
        return sum(member.ready and member.counts for member in self.members.values())

    def tend(self) -> None:
        """Replace what is missing, drain what is too much."""
        members = self.members.values()
        for streak in self.pool.births(members, monotonic()):
            self._bear(streak)
        for member in self.pool.surplus(members):
            _log.info("a worker is drained: there are more than desired", worker=member.name)
            member.drain(self._kill_after)
        if self._recycling and self.ready >= self.pool.desired:
            self._recycling.pop().drain(self._kill_after)
        self._say_full()

    def enforce(self) -> None:
        """Replace workers that stand still or whose jobs do not end in time; kill those whose own time is over."""
        now = monotonic()
        self._pulses.look(now)
        for member in self.members.values():
            why = "" if member.condemned_at is not None else self._grievance(member, now)
            if why:
                _log.warning(f"{why}: it is replaced", worker=member.name)
                member.condemn()
            elif self._is_over(member, now):
                member.killed = True
                kill_tree(member.pid)

    def listen(self, member: Member) -> None:
        """Take what a worker says."""
        messages = member.link.receive()
        if messages is None:
            self._unwatch(member.link)
        for message in messages or ():
            if message.get("ready"):
                member.ready = True
            if message.get("leaving"):
                _log.info("a worker leaves and is replaced", worker=member.name, why=message["leaving"])
                member.leaving, member.kill_at = True, monotonic() + self._kill_after

    def bury(self, member: Member, status: int, known: frozenset[int]) -> None:
        """A worker has ended, with this wait status. `known` are the other children of this process."""
        del self.members[member.pid]
        self._recycling = [other for other in self._recycling if other is not member]
        self._unwatch(member.link)
        lost, orphans = loss_of(member, status), 0
        if lost is not None or member.table.phase is Phase.ABANDONING:
            mark = f"{MARK}={member.table.incarnation}".encode()
            orphans = kill_orphans(known, mark, member.table.name.encode())
        if lost is not None:
            self._say_lost(member, lost, orphans)
            self._on_loss(lost)
        if member.counts:
            now, at_work = monotonic(), bool(lost and lost["running"])
            self.pool.died(member.streak, now - member.born, now, crashed=status != 0, at_work=at_work)
        member.close()

    def drain(self) -> None:
        """Tell every worker to end."""
        for member in self.members.values():
            if not member.leaving:
                member.drain(self._kill_after)

    def kill(self) -> None:
        """Kill every worker."""
        for pid in self.members:
            kill_tree(pid)

    def recycle(self) -> None:
        """Replace every worker, one after the other."""
        self._recycling = [member for member in self.members.values() if member.counts]

    def status(self) -> list[dict[str, Any]]:
        """What maintenance is told."""
        return [member.status() for member in self.members.values()]

    def _bear(self, streak: int) -> None:
        try:
            entries = max(LEAST_ENTRIES, 2 * self._options.concurrency + LEAST_ENTRIES // 2)
            table = Table.create(entries * self._partitions)
            mine, other = Link.pair()
            pid = self._birth.worker(table, other, mine)
        except OSError as error:
            _log.error("a worker cannot be started", error=str(error))
            self.pool.died(streak, 0.0, monotonic(), crashed=True)
            return
        other.close()
        member = self.members[pid] = Member(pid, table, mine, streak)
        self._watch(member)

    def _grievance(self, member: Member, now: float) -> str:
        if member.overran(now, OBEY_SECONDS):
            return "a worker's job overran and does not end"
        return "a worker shows no sign of life" if self._pulses.is_silent(member.table.pulse, now) else ""

    def _is_over(self, member: Member, now: float) -> bool:
        if member.kill_at is not None and now >= member.kill_at:
            return True
        if member.condemned_at is None:
            return False
        alone = member.overran(now, 0.0) and not member.has_others(now)
        return alone or now >= member.condemned_at + OTHERS_SECONDS

    def _say_full(self) -> None:
        desired = self.pool.desired
        if self.ready < desired:
            self._full = -1
        elif desired != self._full:
            self._full = desired
            _log.info("all workers claim", workers=desired, pool=self._options.name)

    def _say_lost(self, member: Member, lost: Job, orphans: int) -> None:
        counts = {key: len(lost[key]) for key in ("timed_out", "running", "released") if lost[key]}
        how = {"signal": lost["signal"]} if lost["signal"] else {"exit": lost["exit"]}
        more = {"orphansKilled": orphans} if orphans else {}
        _log.warning("a worker has ended", worker=member.name, pid=member.pid, **how, **counts, **more)
