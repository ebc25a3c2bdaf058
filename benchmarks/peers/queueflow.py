"""QueueFlow itself: a pool of workers that fork from one supervisor."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import django

from benchmarks.environment import ROOT
from benchmarks.peers.sync_peer import Send, SendMany, SyncPeer
from benchmarks.shape import Shape
from benchmarks.work import PARTITIONS_VARIABLE, Kind, Payload, url

SLOTS = {Kind.SYNC: 8, Kind.ASYNC: 100}
SPREAD = os.environ.get(PARTITIONS_VARIABLE)  # over the servers with these addresses
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "queueflow_site.settings",
    **({"QUEUEFLOW_PARTITIONS": SPREAD} if SPREAD else {"REDIS_URL": url()}),
    "QUEUEFLOW_HANDLERS": "benchmarks.handlers",
    "QUEUEFLOW_ENV_FILE": os.devnull,
    "QUEUEFLOW_VAR_DIR": str(Path.cwd() / "var"),
    "SECRET_KEY": "benchmark",
    "LOG_LEVEL": "WARNING",
}

os.environ.update(SETTINGS)
django.setup()

from jobs import QueueManager  # noqa: E402 - Django has to be ready first
from jobs.requests import JobSpec  # noqa: E402


class QueueFlowPeer(SyncPeer):
    """Everything on, as installed: leases, retention, events, statistics, creation index, job time-outs."""

    distributions = ("django",)
    kinds = (Kind.SYNC, Kind.ASYNC)
    bulk = "enqueue_many"

    def commands(self, shape: Shape) -> list[list[str]]:
        processes, slots = str(shape.processes), str(shape.slots or SLOTS[shape.kind])
        size = ["--min", processes, "--max", processes, "--concurrency", slots]
        return [[sys.executable, str(ROOT / "manage.py"), "workerpool", *size]]

    def environment(self, shape: Shape) -> dict[str, str]:
        return SETTINGS

    def slots(self, shape: Shape) -> int:
        return shape.processes * (shape.slots or SLOTS[shape.kind])

    def sender(self, kind: Kind) -> Send:
        manager = QueueManager()

        def send(payload: Payload) -> None:
            manager.enqueue(kind.value, payload)

        return send

    def bulk_sender(self, kind: Kind) -> SendMany:
        manager = QueueManager()

        def send(payloads: list[Payload]) -> None:
            manager.enqueue_many([JobSpec(kind.value, payload) for payload in payloads])

        return send


PEER = QueueFlowPeer()
