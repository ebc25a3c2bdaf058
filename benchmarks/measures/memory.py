"""Memory of a small and of a large pool, and so of one more worker."""

from __future__ import annotations

import time

from benchmarks.bench import Bench
from benchmarks.errors import BenchmarkError
from benchmarks.proc import Memory
from benchmarks.shape import Shape
from benchmarks.subject import Subject
from benchmarks.workers import Workers

MEBIBYTE = 2**20
JOBS_A_PROCESS = 100  # so that each has run some and holds what it imports late
STEADY_SECONDS = 1.0
STEADY_SHARE = 0.01
DEADLINE_SECONDS = 90.0
POLL_SECONDS = 0.25


def measure(bench: Bench, subject: Subject) -> dict[str, float]:
    """Return MiB: PSS of one more worker, PSS and RSS of the small pool with all it needs. Empty without /proc."""
    small, large = bench.options.processes, bench.options.large_pool
    at_small, at_large = _held(bench, subject, small), _held(bench, subject, large)
    if not at_small.processes:
        return {}
    return {
        "memory_worker": (at_large.pss - at_small.pss) / (large - small) / MEBIBYTE,
        "memory_pool_pss": at_small.pss / MEBIBYTE,
        "memory_pool_rss": at_small.rss / MEBIBYTE,
    }


def _held(bench: Bench, subject: Subject, processes: int) -> Memory:
    kind, jobs = subject.kinds[0], processes * JOBS_A_PROCESS
    bench.reset()
    with subject.workers(Shape(processes, kind)) as workers:
        subject.feed(kind, jobs)
        bench.wait_for(jobs, workers)
        held = _steady(workers, processes)
    bench.reset()
    return held


def _steady(workers: Workers, processes: int) -> Memory:
    """Return the memory once all processes are there and it has stopped growing."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    before, since = workers.memory(), time.monotonic()
    while time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
        now = workers.memory()
        if now.processes != before.processes or abs(now.pss - before.pss) > STEADY_SHARE * before.pss:
            before, since = now, time.monotonic()
        elif time.monotonic() - since > STEADY_SECONDS and (now.processes >= processes or not now.processes):
            return now
    raise BenchmarkError(f"{before.processes} of {processes} processes after {DEADLINE_SECONDS:.0f} s")
