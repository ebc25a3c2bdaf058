"""The series that our processes export, as their own code says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from jobs.outbox import OutboxView
from jobs.worker.pool_metrics import pool_metrics
from monitoring.metric import METRICS
from monitoring.process_metrics import ProcessFamilies

HISTOGRAM: Final = ("_bucket", "_sum", "_count")
BY_PROMETHEUS: Final = {"up": set[str](), "ALERTS": {"alertname", "alertstate", "severity"}}
OF_TARGETS: Final = frozenset({"instance", "job", "namespace", "pod"})  # labels that are there by who is scraped
WORKER: Final = {"worker": "w", "busy": 0, "processed": 0, "failed": 0, "breakers": [("closed", 0)]}
ONE_WORKER: Final = {"pool": "p", "desired": 1, "workers": [WORKER]}


def of_the_installation() -> dict[str, set[str]]:
    """Names of /api/metrics with their labels."""
    found: dict[str, set[str]] = {}
    for metric in METRICS:
        endings = HISTOGRAM if metric.kind == "histogram" else ("",)
        for ending in endings:
            found[metric.name + ending] = {*metric.labels, *(("le",) if ending == "_bucket" else ())}
    return found


def of_processes() -> dict[str, set[str]]:
    """Names of /metrics/process of web processes with an outbox, and of pools. Needs the gateway of the API."""
    web = list(ProcessFamilies(OutboxView()).collect())
    pool = list(text_string_to_metric_families(pool_metrics(ONE_WORKER, 1, 1).decode()))
    return {name: labels for family in (*web, *pool) for name, labels in _samples(family)}


def told_alike(names: Iterable[str]) -> set[str]:
    """Those of some names that several processes tell of the same thing."""
    return {*names} & of_the_installation().keys() | {name for name in names if name.startswith("queueflow_outbox_")}


def _samples(family: Metric) -> list[tuple[str, set[str]]]:
    name = family.name + ("_total" if family.type == "counter" else "")
    return [(name, set()), *((sample.name, set(sample.labels)) for sample in family.samples)]
