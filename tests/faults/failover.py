"""The loss of a primary under load, by Sentinel and by Cluster: what it costs, in jobs and in seconds."""

from __future__ import annotations

import signal
import time
from contextlib import ExitStack
from typing import Any, Final, NamedTuple

import psutil
from django.test import override_settings

from jobs.conf import Config
from jobs.store.store import Store
from tests.engine.pools import Pool
from tests.faults.load import Account, Load
from tests.faults.proofs import sure
from tests.faults.table import Row
from tests.support.cluster import ServerCluster
from tests.support.polling import wait_until
from tests.support.sentinels import Watched
from tests.support.server import TestServer

RATE: Final = 200.0
SHORT: Final = {"LEASE_SECONDS": "10", "HEARTBEAT_SECONDS": "2"}  # longer than a worker waits for one answer
MOST_PAUSE: Final = 3.0  # seconds beyond the failover
MOST_RECOVERY: Final = 20.0  # a lease, a retry, and the time until a worker's last write is given up
LOSSES: Final = {"Sentinel": "a primary that sentinels watch is lost", "Cluster": "a primary of a cluster is lost"}
CUT_SECONDS: Final = 0.3
CUT_OFF: Final = f"replicas cut off from it for {CUT_SECONDS} s, then SIGKILL"
HEAD: Final = (
    "| Who | How the primary goes | Mode | Partitions | Jobs | Lost | Recorded twice | Failover "
    "| Producers pause | Workers pause | Longest recovery |\n|---|---|---|---:|---:|---:|---:|---:|---:|---:|---:|"
)


class Mode(NamedTuple):
    """How safe an enqueue is. `wait`: ENQUEUE_WAIT_REPLICAS; as many replicas more than one are there."""

    name: str
    wait: int
    appendfsync: str


MODES: Final = (
    Mode("`ENQUEUE_WAIT_REPLICAS=1`", 1, "everysec"),
    Mode("no wait, appendfsync always", 0, "always"),
    Mode("no wait, appendfsync everysec", 0, "everysec"),
)


class Failover(NamedTuple):
    """What came of it. `took`: seconds from the loss until the primary's place was taken; `account`: of all jobs."""

    who: str
    how: str
    mode: Mode
    partitions: int
    took: float
    account: Account

    @property
    def faults(self) -> list[str]:
        """What is not as it should be, in words: losses where replicas were waited for, pauses beyond the failover."""
        account = self.account
        found = [
            f"the {name} paused for {pause:.1f} s, the failover took {self.took:.1f} s"
            for name, pause in (("producers", account.feeders_pause), ("workers", account.pause))
            if pause > self.took + MOST_PAUSE
        ]
        if account.recovery > MOST_RECOVERY:
            found.append(f"the last job that was in flight ended {account.recovery:.1f} s after the failover")
        is_clean = account.is_clean if self.mode.wait else not (account.twice or account.too_often or account.findings)
        return found if is_clean else [*found, str(account)]

    @property
    def row(self) -> Row:
        """A line of the table of all faults."""
        return Row.of(LOSSES[self.who], f"{self.how}; {self.mode.name}", 1, self.account)

    @property
    def line(self) -> str:
        """A line of the table of failovers."""
        account = self.account
        figures = (self.partitions, account.accepted, account.lost, account.twice)
        spans = (self.took, account.feeders_pause, account.pause, account.recovery)
        cells = (
            self.who,
            self.how,
            self.mode.name,
            *(f"{each:,}" for each in figures),
            *(f"{each:.1f} s" for each in spans),
        )
        return f"| {' | '.join(cells)} |"


def run(who: str, mode: Mode, *, how: str = "SIGKILL", partitions: int = 1) -> Failover:
    """Lose a primary of `Sentinel` or `Cluster` while jobs come and go."""
    with ExitStack() as stack:
        fleet = _fleet(who, mode)
        stack.enter_context(fleet)
        config = fleet.config(Config(enqueue_wait_replicas=mode.wait), partitions)
        stack.enter_context(override_settings(QUEUEFLOW=config))  # for new ids
        store = Store.open(config, timeout=0.5)
        stack.callback(store.close)
        size = ("--min", "2", "--max", "2")
        spread = {"QUEUEFLOW_PARTITIONS": str(partitions)} if partitions > 1 else {}
        pool = stack.enter_context(Pool("", *size, **fleet.environment, **SHORT, **spread))
        pool.await_ready(2, 60)
        with Load(store, store, rate=RATE) as load:
            load.grows_by(300, 60)
            load.strike()
            took = _lose(fleet, store.parts[-1].keys.prefix, how)
            load.over(rolled_back=True)
            load.grows_by(300, 60)
            load.stop()
            return Failover(who, how, mode, partitions, took, load.account(15 if mode.wait == 0 else 60))


def _fleet(who: str, mode: Mode) -> Watched | ServerCluster:
    """With one replica, and one more for each that is waited for: the one that is promoted needs another."""
    settings = {"appendfsync": mode.appendfsync}
    kinds: dict[str, Any] = {"Sentinel": Watched, "Cluster": ServerCluster}
    fleet: Watched | ServerCluster = kinds[who](replicas=1 + mode.wait, settings=settings)
    return fleet


def _lose(fleet: Watched | ServerCluster, key: str, how: str) -> float:
    """Seconds until another server takes writes."""
    lost = fleet.primary(key)
    if how == CUT_OFF:
        cut_off_replicas(lost)
        over = time.monotonic() + CUT_SECONDS
        wait_until(lambda: time.monotonic() >= over)
    begun = time.monotonic()
    (lost.freeze if how == "SIGSTOP" else lost.kill)()
    wait_until(lambda: _replaced(fleet, key, lost), 30)
    took = time.monotonic() - begun
    if how == "SIGSTOP":
        sure(psutil.Process(lost.pid).status() == psutil.STATUS_STOPPED, "the primary runs")
    else:
        sure(lost.exit_code == -signal.SIGKILL, "the primary ended otherwise")
    return took


def cut_off_replicas(server: TestServer) -> None:
    """Let them hear nothing more of their primary."""
    with server.client() as client:
        client.execute_command("ACL", "SETUSER", "default", "-psync", "-sync", "-replconf")
        client.client_kill_filter(_type="replica")
        wait_until(lambda: not client.info("replication")["connected_slaves"])


def _replaced(fleet: Watched | ServerCluster, key: str, lost: TestServer) -> bool:
    return fleet.serves(key) and fleet.primary(key) is not lost


CASES: Final = tuple(
    (who, mode, how, partitions)
    for who, partitions in (("Sentinel", 1), ("Cluster", 3))
    for how in ("SIGKILL", "SIGSTOP", CUT_OFF)
    for mode in (MODES[:1] if how == "SIGSTOP" else MODES)
)
