"""Faults of processes that run no jobs: the web process is killed, the scaler is."""

from __future__ import annotations

import signal
import tempfile
import time
from pathlib import Path

import psutil

from tests.faults.ground import Ground
from tests.faults.load import FEEDERS
from tests.faults.proofs import sure
from tests.faults.scenarios import MOST_RECOVERY, scenario
from tests.faults.web import ByRest, Site
from tests.support.polling import wait_until
from tests.support.processes import alive


def by_rest(ground: Ground) -> None:
    """Feed by a web process."""
    site = Site(Path(tempfile.mkdtemp(prefix="qf-site-")), ground.server)
    ground.stack.callback(site.close)
    ground.site = site.open()
    ground.feeder = ByRest(site)


@scenario(
    "web is killed",
    "SIGKILL, and started again; jobs by POST with ids of their own",
    times=5,
    most=MOST_RECOVERY,
    rate=100.0,
    equip=by_rest,
)
def kill_web(ground: Ground) -> None:
    assert ground.site is not None
    begun = time.monotonic()
    sure(ground.site.kill() == -signal.SIGKILL, "the web process ended otherwise")
    ground.site.start_web()
    ground.load.grows_by(FEEDERS)
    took = time.monotonic() - begun
    ground.tells(took, f"POSTs are taken again after {took:.1f} s")


def scaled(ground: Ground) -> None:
    """Let two scalers, of which one leads, have the pool between two workers and four."""
    from tests.scaling.live.processes import Ground as Scaled  # once Django is set up
    from tests.scaling.live.processes import await_leader

    folder = Path(tempfile.mkdtemp(prefix="qf-scaled-"))
    made = Scaled(folder, ground.server.url, minimum=2, maximum=4)
    ground.new_scaler = lambda: ground.stack.enter_context(made.scaler())
    for _ in range(2):
        ground.new_scaler()
    await_leader(ground.store, 0, seconds=60)


@scenario(
    "the scaler is killed",
    "SIGKILL to the leader of two, then a backlog of 2,000 jobs; another takes its place",
    times=10,
    most=MOST_RECOVERY,
    workers_most=4,
    equip=scaled,
)
def kill_scaler(ground: Ground) -> None:
    from tests.scaling.live.processes import await_leader, leader

    killed = psutil.Process(leader(ground.store))
    begun = time.monotonic()
    killed.kill()
    wait_until(lambda: not alive([killed]))
    ground.load.add(2000, "noop")
    ground.new_scaler()
    await_leader(ground.store, 0, killed.pid)
    took = time.monotonic() - begun
    ground.tells(took, f"that leads after {took:.1f} s")
