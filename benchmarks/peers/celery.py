"""Celery: prefork processes for no-op jobs, its thread pool for jobs that sleep."""

from __future__ import annotations

from celery import Celery

from benchmarks.peers.base import script
from benchmarks.peers.sync_peer import Send, SyncPeer
from benchmarks.shape import Shape
from benchmarks.work import Kind, run, url

app = Celery("bench", broker=url())
app.conf.update(
    task_ignore_result=True,
    worker_prefetch_multiplier=64,
    broker_connection_retry_on_startup=True,
    worker_send_task_events=False,
)
task = app.task(name=Kind.SYNC.value)(run)


class CeleryPeer(SyncPeer):
    """Acknowledges early, its default, keeps no results, and fetches 64 jobs a process ahead."""

    distributions = ("celery", "kombu")
    kinds = (Kind.SYNC,)

    def commands(self, shape: Shape) -> list[list[str]]:
        base = [script("celery"), "-A", "benchmarks.peers.celery", "worker", "-l", "ERROR"]
        base += ["--without-gossip", "--without-mingle"]
        if shape.slots is None:
            return [[*base, "-c", str(shape.processes)]]
        threads = ["--pool", "threads", "-c", str(shape.slots)]
        return [[*base, *threads, "-n", f"bench{number}@%h"] for number in range(shape.processes)]

    def slots(self, shape: Shape) -> int:
        return shape.processes * (shape.slots or 1)

    def sender(self, kind: Kind) -> Send:
        send: Send = task.delay
        return send


PEER = CeleryPeer()
