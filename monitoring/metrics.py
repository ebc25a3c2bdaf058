"""The whole installation's metrics, read from its store at each scrape: any web process tells the same truth."""

from __future__ import annotations

from time import perf_counter
from typing import Final

from prometheus_client import exposition
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector

from jobs.maintenance.crew import DUTIES
from jobs.store.glance import Figures
from jobs.store.store import Store
from scaling.policies import MOST_POOLS

from .metric_families import Families, bounded
from .scaling_metrics import tell_scaling, with_policy
from .schedule_metrics import tell_schedules

MOST_TYPES: Final = 100
MOST_QUEUES: Final = 100
PLAIN: Final = exposition.CONTENT_TYPE_PLAIN_0_0_4
OPEN: Final = openmetrics.CONTENT_TYPE_LATEST
# Our counter without labels -> what the scripts call it.
_TOTALS: Final = {
    "jobs_enqueued_total": "created",
    "job_claims_total": "claimed",
    "job_retries_total": "retrying",
    "jobs_dead_total": "dead",
    "dead_letter_retries_total": "retried",
    "jobs_cancelled_total": "cancelled",
    "job_releases_total": "released",
    "job_snoozes_total": "snoozed",
    "job_parkings_total": "parked",
    "job_losses_total": "reaped",
    "jobs_pruned_total": "pruned",
    "jobs_deleted_total": "deleted",
    "records_unreadable_total": "unreadable",
    "job_metrics_dropped_total": "measures_dropped",
}


def wants_openmetrics(accept: str) -> bool:
    """True for one who can read OpenMetrics, by the Accept header."""
    return any(part.split(";")[0].strip().lower() == "application/openmetrics-text" for part in accept.split(","))


def written(families: Collector, *, is_open: bool) -> bytes:
    """The text of a scrape, in OpenMetrics or in the older format."""
    if is_open:
        text: bytes = openmetrics.generate_latest(families)  # type: ignore[no-untyped-call]
        return text
    return exposition.generate_latest(families)


def metrics_of(store: Store) -> Families:
    """Read everything. Raises StoreError."""
    began = perf_counter()
    families = Families()
    figures = store.glance.figures()
    _totals(families, figures)
    _queues(families, figures)
    _types(families, store)
    _workers(families, store)
    tell_schedules(families, store)
    _server(families, store)
    families.add("retained_bytes", store.reader.gauges().get("retained_bytes", 0))
    families.add("scrape_duration_seconds", perf_counter() - began)
    return families


def _totals(families: Families, figures: Figures) -> None:
    for name, counted in _TOTALS.items():
        families.add(name, figures.totals.get(counted, 0))
    for state, number in figures.states.items():
        families.add("jobs", number, state)


def _queues(families: Families, figures: Figures) -> None:
    label = bounded((view.name for view in figures.queues), MOST_QUEUES, first=("default",))
    for view in figures.queues:
        name = label[view.name]
        for priority, depth in view.depth.items():
            families.add("queue_depth", depth, name, priority)
        for state, number in view.counts.items():
            families.add("queue_jobs", number, name, state)
        families.highest("queue_latency_seconds", view.oldest_ms / 1000, name)
        families.highest("queue_paused", int(view.paused), name)


def _types(families: Families, store: Store) -> None:
    counted = store.reader.types()
    serving = {name for seen in store.registry.workers() if seen.alive for name in seen.info.types}
    label = bounded({*counted, *serving}, MOST_TYPES)
    sums = {name: counted.get(name, {}).get("ms", 0) for name in label}
    for name, figures in store.metrics.types(sums).items():
        shown = label[name]
        families.add("jobs_completed_total", counted.get(name, {}).get("completed", 0), shown)
        families.add("jobs_failed_total", counted.get(name, {}).get("failed", 0), shown)
        families.distribute("job_processing_duration_seconds", figures.completed, shown, "completed")
        families.distribute("job_processing_duration_seconds", figures.failed, shown, "failed")
        families.distribute("job_latency_seconds", figures.latency, shown)
        if shown == name:
            families.report(name, figures.measures)
    paused = store.type_pauses.all()
    families.add("job_types_paused", sum(not pause.resuming for pause in paused.values()))


def _workers(families: Families, store: Store) -> None:
    workers, desired = store.registry.workers(), store.registry.desired()
    families.add("active_workers", sum(seen.alive for seen in workers))
    pools = {*desired, *(seen.info.pool for seen in workers)}
    label = bounded(pools | with_policy(), MOST_POOLS)
    for seen in workers:
        pool, info = label[seen.info.pool], seen.info
        families.add("workers", 1, pool, info.status if seen.alive else "lost")
        if seen.alive:
            families.add("worker_slots", info.concurrency, pool)
            families.add("worker_busy_slots", info.busy, pool)
            families.add("worker_resident_memory_bytes", info.rss, pool)
    for pool, number in desired.items():
        families.add("desired_workers", number, label[pool])
    tell_scaling(families, store, [pool for pool, shown in label.items() if shown == pool])
    leaders = store.keeper.leaders(DUTIES)
    for duty in DUTIES:
        families.add("duty_leader", int(duty in leaders), duty)


def _server(families: Families, store: Store) -> None:
    groups, operations = store.metrics.sizes()
    families.add("dead_letter_groups", groups)
    families.add("operations_open", operations)
    server = store.metrics.server()
    families.add("store_memory_bytes", server.memory)
    families.add("store_memory_limit_bytes", server.memory_limit)
    families.add("store_clients", server.clients)
    families.add("store_uptime_seconds", server.uptime)
