"""`manage.py workers`."""

from __future__ import annotations

import json

import msgspec

from jobs.inspector import Inspector
from jobs.store.registry import WorkerInfo
from tests.cli.conftest import ME, entries, run

INFO = WorkerInfo(
    id="host-17-abcdef", incarnation="abcdef", pool="default", host="host", pid=17, queues=("default", "mail"),
    types=("echo",), concurrency=5, status="busy", busy=2, processed=1200, failed=3, rss=64 * 1024 * 1024,
)  # fmt: skip


def test_workers_are_listed(kit):
    kit.store.registry.heartbeat(INFO)
    head, row = run("workers", "list").lines
    assert head.split() == ["WORKER", "POOL", "STATE", "JOBS", "DONE", "FAILED", "MEMORY", "SEEN", "QUEUES"]
    assert row.split() == [
        "host-17-abcdef",
        "default",
        "busy",
        "2/5",
        "1,200",
        "3",
        "64",
        "MiB",
        "now",
        "default,",
        "mail",
    ]
    assert run("workers", "list", "--json").documents == json.loads(msgspec.json.encode(Inspector(kit.store).workers()))


def test_a_worker_is_told_to_drain(kit):
    kit.store.registry.heartbeat(INFO)
    assert run("workers", "drain", INFO.id).out == "host-17-abcdef was told to drain\n"
    assert kit.client.call("LRANGE", kit.keys.control(INFO.id), 0, -1) == [b"drain"]
    assert entries() == [(ME, "worker.drain", INFO.id)]
    [document] = run("workers", "drain", INFO.id, "--json").documents
    assert document["id"] == INFO.id


def test_a_worker_that_is_lost_or_unknown_is_not(kit):
    kit.store.registry.heartbeat(INFO)
    kit.advance(60_000)
    ran = run("workers", "drain", INFO.id)
    assert (ran.code, ran.err) == (1, "worker host-17-abcdef has sent no heartbeat lately\n")
    ran = run("workers", "drain", "nobody")
    assert (ran.code, ran.err) == (3, "no worker nobody\n")
    assert entries() == []
