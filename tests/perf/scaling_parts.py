"""What `python -m tests.perf.scaling` measures."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

import psutil

from jobs.backoff import Backoff
from jobs.ids import new_id
from jobs.types import Envelope, JobRequest
from scaling.guards.saturation import NAME as GUARD
from scaling.simulator.report import Change, summary
from tests.engine.pools import Pool
from tests.perf.figures import Figure
from tests.scaling.live.crowd import steps
from tests.scaling.live.processes import Ground
from tests.support.jobs import StoreKit
from tests.support.polling import wait_until

HANDLERS: Final = "tests.perf.scaling_handlers"
ROUNDS: Final = 3
SMALL, LARGE = 2, 20
LIMITS: Final = {10: 2.0, 20: 3.0}  # seconds until so many workers claim
BURST: Final = 5000
STEADY: Final = 30  # jobs a second that a saturated dependency is called for
WARM, ROUGH = 75.0, 60.0  # seconds without and with a backlog
BACKLOG: Final = 12_000
BATCH: Final = 250
GOAL: Final = {"strategy": "latency_target", "minimum": 1, "maximum": LARGE, "stabilization": 0, "cooldown_down": 5}


def growth(kit: StoreKit, folder: Path) -> Iterator[Figure]:
    """2 to 10 and 2 to 20 workers, and what each costs."""
    with Pool(kit.store.config.redis_url or "", "--min", "1", "--max", str(LARGE), QUEUEFLOW_HANDLERS=HANDLERS) as pool:
        kit.store.registry.set_desired("default", SMALL)
        wait_until(lambda: _claiming(kit) == SMALL, 30)
        memory = _pss(pool)
        for workers, limit in LIMITS.items():
            times = []
            for _ in range(ROUNDS):
                times.append(_grown(kit, pool, workers))
                at_large = _pss(pool)
                kit.store.registry.set_desired("default", SMALL)
                wait_until(lambda: _claiming(kit) == SMALL, 30)
            name = f"{SMALL} to {workers} workers claiming, worst of {ROUNDS}"
            yield Figure("growth", name, max(times), "s", limit, note=f"best {min(times):.2f}")
        each = (at_large - memory) / (LARGE - SMALL) / 1e6
        yield Figure("growth", "memory of each further worker (PSS)", each, "MB", 25.0)


def burst(kit: StoreKit, folder: Path) -> Iterator[Figure]:
    """5,000 jobs of 50 ms from idle: up, drained, down."""
    url = kit.store.config.redis_url or ""
    ground = Ground(folder, url, **GOAL)
    kit.store.registry.set_desired("default", 1)
    with Pool(url, "--min", "1", "--max", str(LARGE), QUEUEFLOW_HANDLERS=HANDLERS) as pool, ground.scaler():
        pool.await_ready(1)
        wait_until(lambda: len(steps(kit)) > 5, 30)
        began = time.monotonic()
        kit.enqueue_many(BURST, type="work", payload=b'{"seconds":0.05}')
        wait_until(lambda: kit.reader.totals().get("completed", 0) == BURST, 120)
        drained = time.monotonic() - began
        wait_until(lambda: kit.store.registry.desired()["default"] == 1 and _claiming(kit) == 1, 120)
        after, totals, decided = time.monotonic() - began, kit.reader.totals(), [each.decided for each in steps(kit)]
    changes = [Change(float(at), a, b) for at, (a, b) in enumerate(pairwise(decided)) if a != b]
    yield Figure("burst", "workers at most", max(decided), "", 2, at_least=True)
    yield Figure("burst", f"{BURST:,} jobs of 50 ms done after", drained, "s")
    yield Figure("burst", "back at one worker after", after, "s")
    yield Figure("burst", "flaps", summary("", [], 1.0, 0.0, [], changes).flaps, "", 0)
    harmed = sum(totals.get(each, 0) for each in ("reaped", "failed", "released", "retrying", "dead"))
    yield Figure("burst", "jobs that did not run once, to their end", harmed, "", 0)


def saturated(kit: StoreKit, folder: Path) -> Iterator[Figure]:
    """A backlog meets a dependency that bears 20 calls at once; after a minute it is mended."""
    url = kit.store.config.redis_url or ""
    ground = Ground(folder, url, **GOAL)
    kit.store.registry.set_desired("default", 1)
    with Pool(url, "--min", "1", "--max", str(LARGE), QUEUEFLOW_HANDLERS=HANDLERS) as pool, ground.scaler():
        pool.await_ready(1)
        _call(kit, folder, WARM)
        _call(kit, folder, ROUGH, at_once=BACKLOG)
        (folder / "mended").touch()
        mended, at = time.monotonic(), kit.reader.now_ms() / 1000
        tried = kit.reader.totals()
        wait_until(lambda: sum(map(sum, _open(kit))) == 0, 300)
        cleared = time.monotonic() - mended
        dead = kit.reader.totals().get("dead", 0)
    guarded = [each for each in ground.decisions() if each[3] == GUARD and each[0] < at]
    share = tried.get("claimed", 0) / max(tried.get("completed", 0), 1)
    print("\n".join(f"    {each[4]}" for each in guarded[:3]))
    yield Figure("saturated", "decisions that the guard changed", len(guarded), "", 1, at_least=True)
    yield Figure("saturated", "fewest workers that it allowed", min((each[2] for each in guarded), default=0), "")
    yield Figure("saturated", "attempts a success while it was saturated", share, "")
    yield Figure("saturated", "backlog gone after it was mended", cleared, "s", 120.0)
    yield Figure("saturated", "jobs that died of it", dead, "", 0)


def _grown(kit: StoreKit, pool: Pool, workers: int) -> float:
    """Seconds from a change of the desired count until so many workers say that they claim."""
    began = time.monotonic()
    kit.store.registry.set_desired("default", workers)
    wait_until(lambda: _claiming(kit) == workers, 30)
    return time.monotonic() - began


def _claiming(kit: StoreKit) -> int:
    """Workers with a heartbeat: the first is sent when a worker begins to claim."""
    alive = [seen.info for seen in kit.store.registry.workers() if seen.alive]
    return sum(info.status != "draining" and psutil.pid_exists(info.pid) for info in alive)


def _pss(pool: Pool) -> float:
    family = (psutil.Process(pool.pid), *pool.descendants())
    return float(sum(process.memory_full_info().pss for process in family))


def _call(kit: StoreKit, folder: Path, seconds: float, at_once: int = 0) -> None:
    """Enqueue calls at a steady rate, and some at once before."""
    envelope = Envelope(f'{{"folder":"{folder}"}}'.encode(), 30_000, Backoff(base=0.5, factor=1.5, max=5.0))

    def enqueue(count: int) -> None:
        for start in range(0, count, BATCH):
            ids = [new_id() for _ in range(min(BATCH, count - start))]
            kit.producer.enqueue([JobRequest(id=each, type="call", envelope=envelope, max_retries=100) for each in ids])

    enqueue(at_once)
    began, made = time.monotonic(), 0

    def coming() -> int:
        """Calls whose time has come."""
        return int(min(time.monotonic() - began, seconds) * STEADY) - made

    while made < int(seconds * STEADY):
        count = wait_until(coming, interval=0.1)
        enqueue(count)
        made += count


def _open(kit: StoreKit) -> Iterator[tuple[int, ...]]:
    """Jobs that are not over, by queue."""
    for view in kit.store.glance.figures().queues:
        yield sum(view.depth.values()), view.counts["active"], view.counts["retrying"], view.counts["scheduled"]


PARTS: Final[dict[str, Callable[[StoreKit, Path], Iterator[Figure]]]] = {
    "growth": growth,
    "burst": burst,
    "saturated": saturated,
}
