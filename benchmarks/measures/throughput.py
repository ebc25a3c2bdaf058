"""Enqueue, Redis bytes and no-op jobs a second, for each kind of handler the subject has."""

from __future__ import annotations

import math
import time

from benchmarks.bench import Bench
from benchmarks.errors import BenchmarkError
from benchmarks.figures import rate
from benchmarks.shape import Shape
from benchmarks.subject import Subject
from benchmarks.work import Kind

MARGIN = 1.5  # jobs in store beyond what the window is expected to take
FULL = 0.95  # the last jobs are left out: some processes then have none left
MICROSECONDS = 1e6


def measure(bench: Bench, subject: Subject) -> dict[str, float]:
    """Return jobs/s (enqueue single and bulk, each kind of handler), bytes and server µs a job."""
    values: dict[str, float] = {}
    native, *others = subject.kinds
    backlog = _enqueue(bench, subject, native, values)
    _drain(bench, subject, native, backlog, values)
    for kind in others:
        # How fast this kind is shows in the first round; until then the native kind's speed is the guess.
        speed = bench.speeds.get((subject.name, kind), bench.speeds[subject.name, native])
        wanted = math.ceil(MARGIN * speed * (bench.options.settle_seconds + bench.options.window_seconds))
        jobs = min(max(wanted, bench.options.batch), backlog)
        bench.reset()
        bench.fill(subject, kind, jobs)
        _drain(bench, subject, kind, jobs, values)
    bench.reset()
    return values


def _enqueue(bench: Bench, subject: Subject, kind: Kind, values: dict[str, float]) -> int:
    """Fill the queue, one by one and then in bulk; return how many jobs wait."""
    jobs = bench.options.jobs
    bench.reset()
    memory, cpu = bench.server.steady_memory(), bench.server.cpu_seconds()
    values["enqueue_single"] = subject.feed(kind, jobs)
    values["server_us_enqueue"] = (bench.server.cpu_seconds() - cpu) * MICROSECONDS / jobs
    values["redis_bytes"] = bytes_a_job(memory, bench.server.steady_memory(), jobs)
    if not subject.has_bulk:
        return jobs
    values["enqueue_bulk"] = subject.feed(kind, bench.options.bulk_jobs, batch=bench.options.batch)
    return jobs + bench.options.bulk_jobs


def bytes_a_job(before: int, after: int, jobs: int) -> float:
    """Return how many bytes each of the jobs takes. Raises ``BenchmarkError`` unless they take any."""
    if after <= before:
        raise BenchmarkError(f"the server's memory went from {before} to {after} bytes by {jobs} jobs")
    return (after - before) / jobs


def _drain(bench: Bench, subject: Subject, kind: Kind, backlog: int, values: dict[str, float]) -> None:
    """Let workers loose on the backlog; measure from a moment after the first completion to nearly the last."""
    options = bench.options
    enough = math.floor(backlog * FULL)
    with subject.workers(Shape(options.processes, kind)) as workers:
        bench.wait_for(1, workers)
        first = bench.sample()
        if not bench.wait_for(enough // 2, workers, until=first.at + options.settle_seconds):
            first = bench.sample()
        bench.wait_for(enough, workers, until=time.monotonic() + options.window_seconds)
        last = bench.sample()
    if last.done == first.done:
        raise BenchmarkError(f"{backlog} jobs were done before they could be measured: raise --jobs")
    speed = rate(first, last)
    bench.speeds[subject.name, kind] = speed
    key = "sync" if kind is Kind.SYNC else "async"
    values[f"jobs_{key}"] = speed
    values[f"server_us_{key}"] = (last.server_cpu - first.server_cpu) * MICROSECONDS / (last.done - first.done)
