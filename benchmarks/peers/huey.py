"""Huey: worker processes for no-op jobs, threads for jobs that sleep."""

from __future__ import annotations

from huey import RedisHuey

from benchmarks.peers.base import script
from benchmarks.peers.sync_peer import Send, SyncPeer
from benchmarks.shape import Shape
from benchmarks.work import Kind, run, url

huey = RedisHuey("bench", url=url(), results=False)
task = huey.task(name=Kind.SYNC.value)(run)


class HueyPeer(SyncPeer):
    """Blocking pop, no results; the pauses after an empty pop are cut to the shortest that are of use."""

    distributions = ("huey",)
    kinds = (Kind.SYNC,)

    def commands(self, shape: Shape) -> list[list[str]]:
        base = [script("huey_consumer"), "benchmarks.peers.huey.huey", "-q", "-n"]
        base += ["-d", "0.005", "-m", "0.05", "-b", "1"]
        if shape.slots is None:
            return [[*base, "-k", "process", "-w", str(shape.processes)]]
        return [[*base, "-k", "thread", "-w", str(shape.slots)] for _ in range(shape.processes)]

    def slots(self, shape: Shape) -> int:
        return shape.processes * (shape.slots or 1)

    def sender(self, kind: Kind) -> Send:
        send: Send = task
        return send


PEER = HueyPeer()
