"""The metrics of an installation: their names, kinds, labels and what they say. The one table of them."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Kind = Literal["counter", "gauge", "histogram"]
PREFIX: Final = "queueflow_"
HANDLERS_PREFIX: Final = f"{PREFIX}job_metric_"  # of what handlers report


class Metric(NamedTuple):
    """One metric. `help` is one line."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    help: str


def _of(kind: Kind, name: str, text: str, *labels: str) -> Metric:
    return Metric(PREFIX + name, kind, labels, text)


METRICS: Final[tuple[Metric, ...]] = (
    _of("counter", "jobs_enqueued_total", "Jobs enqueued"),
    _of("counter", "job_claims_total", "Executions that workers claimed"),
    _of("counter", "jobs_completed_total", "Executions that completed", "job_type"),
    _of("counter", "jobs_failed_total", "Executions that failed, each attempt of a job counted", "job_type"),
    _of("counter", "job_retries_total", "Failed executions after which another attempt follows by itself"),
    _of("counter", "jobs_dead_total", "Jobs that died, that is, went into the dead-letter queue"),
    _of("counter", "dead_letter_retries_total", "Dead jobs that a person or a key retried"),
    _of("counter", "jobs_cancelled_total", "Jobs that were cancelled"),
    _of("counter", "job_releases_total", "Jobs given back by workers that drain"),
    _of("counter", "job_snoozes_total", "Jobs put off by their handlers"),
    _of("counter", "job_parkings_total", "Jobs put off because the worker did not know their type"),
    _of("counter", "job_losses_total", "Executions lost with their worker or its lease"),
    _of("counter", "jobs_pruned_total", "Finished jobs removed after their retention, and dead ones beyond the cap"),
    _of("counter", "jobs_deleted_total", "Jobs deleted by a person or a key"),
    _of("counter", "records_unreadable_total", "Records set aside because they could not be decoded"),
    _of("counter", "job_metrics_dropped_total", "Reports of handlers' own metrics beyond 50 series a job type"),
    _of("histogram", "job_processing_duration_seconds", "How long executions ran", "job_type", "status"),
    _of("histogram", "job_latency_seconds", "From the creation of a job to its completion", "job_type"),
    _of("gauge", "jobs", "Jobs there are, by state", "state"),
    _of("gauge", "queue_depth", "Jobs that workers can claim", "queue", "priority"),
    _of("gauge", "queue_jobs", "Jobs of a queue that are not in its depth, by state", "queue", "state"),
    _of("gauge", "queue_latency_seconds", "Age of the oldest job that workers can claim", "queue"),
    _of("gauge", "queue_paused", "1 while workers claim nothing from the queue", "queue"),
    _of("gauge", "job_types_paused", "Job types that are paused"),
    _of("gauge", "dead_letter_groups", "Groups of dead jobs that failed alike"),
    _of("gauge", "operations_open", "Bulk operations that are not over"),
    _of("gauge", "retained_bytes", "Bytes of finished jobs that are kept"),
    _of("gauge", "active_workers", "Workers that are alive"),
    _of("gauge", "workers", "Workers of the last ten minutes, by what they do", "pool", "status"),
    _of("gauge", "worker_slots", "Jobs that the live workers of a pool can run at once", "pool"),
    _of("gauge", "worker_busy_slots", "Jobs that the live workers of a pool run", "pool"),
    _of("gauge", "worker_resident_memory_bytes", "Memory of a pool's live workers, shared pages for each", "pool"),
    _of("gauge", "desired_workers", "Workers that a pool should have", "pool"),
    _of("counter", "scaling_decisions_total", "Decisions on the size of a pool", "pool", "strategy", "action"),
    _of("gauge", "scaling_target_workers", "Workers last decided on, carried out or not", "pool"),
    _of("gauge", "scaling_supply_workers", "Workers that claimed or were about to when that was decided", "pool"),
    _of("gauge", "scaling_observation_age_seconds", "Age of the figures that it was decided by", "pool"),
    _of("gauge", "scaling_wait_goal_seconds", "Within which jobs of the pool should start", "pool"),
    _of("gauge", "scaling_goal_kept_ratio", "Share of the last 60 decisions with no job waiting longer", "pool"),
    _of("gauge", "scaling_within_goal_ratio", "Share that waited no longer of executions ended in 5 min", "pool"),
    _of("gauge", "scaling_goal_executions", "Executions ended in 5 min, of which that is the share", "pool"),
    _of("gauge", "schedules", "Cron schedules there are, by state", "state"),
    _of("counter", "schedule_ticks_total", "Ticks of schedules, by what became of them", "outcome"),
    _of("gauge", "schedule_overdue_seconds", "By how much the most overdue schedule is late"),
    _of("gauge", "duty_leader", "1 while somebody is in charge of the duty", "duty"),
    _of("gauge", "store_memory_bytes", "Memory that the store's server uses"),
    _of("gauge", "store_memory_limit_bytes", "Memory that it may use; 0 for no limit"),
    _of("gauge", "store_clients", "Connections to it"),
    _of("gauge", "store_uptime_seconds", "Time since it started"),
    _of("gauge", "scrape_duration_seconds", "Time that reading all of this from the store took"),
)  # fmt: skip
