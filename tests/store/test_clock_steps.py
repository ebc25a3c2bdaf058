"""The server's clock is set back by two hours: nobody who is gone looks alive, and nothing reads another clock."""

from __future__ import annotations

import re
from pathlib import Path

import jobs
from jobs.store.registry import WorkerInfo
from tests.support.jobs import StoreKit

BACK_MS = -7_200_000
WALL_CLOCK = re.compile(r"\btime\.time(_ns)?\(|\bdatetime\.(now|utcnow|today)\(|\btimezone\.now\(|\blocaltime\(")


def info(name: str) -> WorkerInfo:
    return WorkerInfo(
        id=name, incarnation="0" * 16, pool="default", host="h", pid=1, queues=("default",), types=("echo",),
        concurrency=1,
    )  # fmt: skip


def alive(kit: StoreKit) -> set[str]:
    return {seen.info.id for seen in kit.store.registry.workers() if seen.alive}


def test_a_dead_worker_does_not_live_on_for_two_hours(kit: StoreKit) -> None:
    registry = kit.store.registry
    registry.heartbeat(info("dead"))
    registry.heartbeat(info("lives"))
    kit.advance(BACK_MS)
    assert alive(kit) == {"dead", "lives"}, "nobody can tell yet"
    kit.advance(registry._silent_ms)
    registry.heartbeat(info("lives"))
    kit.advance(1)
    assert alive(kit) == {"lives"}


def test_a_dead_supervisor_keeps_no_share_for_two_hours(kit: StoreKit) -> None:
    registry = kit.store.registry
    registry.join_pool("default", "dead", 5)
    kit.advance(BACK_MS)
    registry.join_pool("default", "lives", 5)
    kit.advance(5001)
    assert registry.join_pool("default", "lives", 5).supervisors == (("lives", 5),)


def test_engine_and_maintenance_read_no_wall_clock() -> None:
    root = Path(jobs.__file__).parent
    files = [path for part in ("store", "worker", "maintenance", "inspection") for path in (root / part).rglob("*.py")]
    assert len(files) > 80
    assert [path.name for path in files if WALL_CLOCK.search(path.read_text())] == []
