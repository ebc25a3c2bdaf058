"""What is measured: names, units, which way is better, and the budgets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from benchmarks.figures import Better


@dataclass(frozen=True)
class Measure:
    """One row of the table. ``bound`` is the key of the value that no subject can exceed."""

    key: str
    title: str
    unit: str
    better: Better
    bound: str | None = None


@dataclass(frozen=True)
class Budget:
    """What QueueFlow must reach in ``key``.

    ``against`` names the measures among which the best peer is found; empty: the limits are absolute.
    """

    key: str
    title: str
    at_least: float
    aim: float
    against: tuple[str, ...] = ()


Verdict = Literal["aim reached", "within budget", "missed"]

MEASURES = (
    Measure("jobs_sync", "no-op jobs, sync handler", "jobs/s", "higher"),
    Measure("jobs_async", "no-op jobs, async handler", "jobs/s", "higher"),
    Measure("enqueue_single", "enqueue, one by one", "jobs/s", "higher"),
    Measure("enqueue_bulk", "enqueue, many at once", "jobs/s", "higher"),
    Measure("latency_p50", "enqueue to start, p50", "ms", "lower"),
    Measure("latency_p95", "enqueue to start, p95", "ms", "lower"),
    Measure("latency_p99", "enqueue to start, p99", "ms", "lower"),
    Measure("memory_worker", "PSS of one more worker", "MiB", "lower"),
    Measure("memory_pool_pss", "PSS of the small pool", "MiB", "lower"),
    Measure("memory_pool_rss", "RSS of the small pool", "MiB", "lower"),
    Measure("redis_bytes", "Redis a waiting job", "bytes", "lower"),
    Measure("server_us_enqueue", "server CPU an enqueue", "µs", "lower"),
    Measure("server_us_sync", "server CPU a sync job", "µs", "lower"),
    Measure("server_us_async", "server CPU an async job", "µs", "lower"),
    Measure("mix_simple", "simple (10 ms)", "jobs/s", "higher", bound="bound_simple"),
    Measure("mix_medium", "medium (500 ms)", "jobs/s", "higher", bound="bound_medium"),
    Measure("mix_heavy", "heavy (2 s)", "jobs/s", "higher", bound="bound_heavy"),
    Measure("mix_mixed", "mixed (16:3:1 of these)", "jobs/s", "higher", bound="bound_mixed"),
)
BY_KEY = {measure.key: measure for measure in MEASURES}

BUDGETS = (
    Budget("jobs_sync", "no-op jobs, against the fastest handler of any kind", 4, 6, ("jobs_sync", "jobs_async")),
    Budget("enqueue_single", "single enqueue, against the fastest", 1.1, 1.5, ("enqueue_single",)),
    Budget("enqueue_bulk", "bulk enqueue, against the fastest single enqueue", 12, 20, ("enqueue_single",)),
    Budget("latency_p50", "latency p50, against the best", 1.25, 1.0, ("latency_p50",)),
    Budget("latency_p99", "latency p99, against the best", 1.5, 1.0, ("latency_p99",)),
    Budget("memory_worker", "PSS of one more worker, MB", 25, 15),
    Budget("redis_bytes", "Redis bytes of a waiting job", 700, 500),
)


def verdict(budget: Budget, value: float) -> Verdict:
    """Judge a ratio, or a value where the budget is absolute."""
    higher = BY_KEY[budget.key].better == "higher"
    if value >= budget.aim if higher else value <= budget.aim:
        return "aim reached"
    if value >= budget.at_least if higher else value <= budget.at_least:
        return "within budget"
    return "missed"
