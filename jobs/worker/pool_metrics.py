"""A pool's own metrics as Prometheus reads them. Written by hand: a library would be in all that is forked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from jobs.circuit import BreakerState
from jobs.store.breaking import server_name

MEDIA: Final = "text/plain; version=0.0.4; charset=utf-8"
Sample = tuple[Mapping[str, str], int]


def pool_metrics(status: Mapping[str, Any], ready: int, concurrency: int) -> bytes:
    """The metrics of a pool with this `status`, as maintenance is told, of which so many workers are `ready`."""
    pool, workers = {"pool": status["pool"]}, status["workers"]

    def of_each(field: str) -> list[Sample]:
        return [(pool | {"worker": worker["worker"]}, worker[field]) for worker in workers]

    of_state = [
        (pool | {"breaker": name, "state": state}, number)
        for name, states in breakers_of(workers).items()
        for state, number in states.items()
    ]
    opened = [
        (pool | {"worker": worker["worker"], "breaker": server_name(at)}, times)
        for worker in workers
        for at, (_, times) in enumerate(worker["breakers"])
    ]
    families = (
        ("pool_desired_workers", "gauge", "Workers that this supervisor should have", [(pool, status["desired"])]),
        ("pool_workers", "gauge", "Worker processes that there are", [(pool, len(workers))]),
        ("pool_ready_workers", "gauge", "Workers that claim", [(pool, ready)]),
        ("pool_slots", "gauge", "Jobs that the workers can run at once", [(pool, concurrency * len(workers))]),
        ("worker_jobs_in_hand", "gauge", "Executions begun and not settled in the store yet", of_each("busy")),
        ("worker_executions_total", "counter", "Executions that the worker has settled", of_each("processed")),
        ("worker_failures_total", "counter", "Those of them that failed", of_each("failed")),
        ("pool_breaker_workers", "gauge", "Workers whose breaker before that server is in that state", of_state),
        ("worker_breaker_opened_total", "counter", "How often the worker's breaker has opened", opened),
    )
    return "".join(_family(*family) for family in families).encode()


def breakers_of(workers: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """By server, as its breaker is called: how many of the workers have it in which state."""
    found: dict[str, dict[str, int]] = {}
    for worker in workers:
        for at, (state, _) in enumerate(worker["breakers"]):
            states = found.setdefault(server_name(at), {each.value: 0 for each in BreakerState})
            states[state] += 1
    return found


def _family(name: str, kind: str, text: str, samples: Iterable[Sample]) -> str:
    name = f"queueflow_{name}"
    lines = [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]
    for labels, value in samples:
        inner = ",".join(f'{label}="{_escaped(each)}"' for label, each in labels.items())
        lines.append(f"{name}{{{inner}}} {value}")
    return "\n".join(lines) + "\n"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
