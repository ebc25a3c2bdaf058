"""What can be exported: the endpoint that lists it, what it is asked, and the columns of its table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Final

import msgspec
from django.http import QueryDict

from jobs.api.answers import OperationView
from jobs.api.routes import audit, dlq, groups, operations, queues, types, workers
from jobs.api.routes import jobs as job_routes
from jobs.inspection.figures import QueueLine, TypeLine, WorkerLine
from jobs.inspection.groups import GroupLine
from jobs.inspection.items import JobItem
from jobs.types import Priority
from scaling.api import routes as scaling_routes
from scaling.api.answers import DecisionView

from .audit_query import pairs_of
from .bulk_form import filter_from
from .excerpt import having, wanted_by
from .export_form import Columns
from .standings import standings_in
from .worker_rows import text_of_worker

Pairs = list[tuple[str, str]]


class ExportSource(msgspec.Struct, frozen=True):
    """A list. `asked` gives the API's parameters for the query of a page, without cursor and limit, which a list that
    comes `whole` does not have. `text_of` an item is what the page itself looks for its text in, where the API does
    not. `names` gives the names in the path of the endpoint."""

    work: Callable[..., Any]
    asked: Callable[[QueryDict], Pairs]
    columns: Columns
    whole: bool = False
    text_of: Callable[[Any], str] | None = None
    names: Callable[[QueryDict], dict[str, str]] = lambda _: {}

    def listed(self, items: Sequence[Any], query: QueryDict) -> Sequence[Any]:
        """Those of some items that the page lists."""
        return items if self.text_of is None else having(items, wanted_by(query), self.text_of)


def _jobs(query: QueryDict) -> Pairs:
    wanted = filter_from(query)
    return [(name, each) for name, value in wanted.items() for each in (value if isinstance(value, list) else [value])]


def _dead_jobs(query: QueryDict) -> Pairs:
    return [pair for pair in _jobs(query) if pair[0] != "status"]


def _errors(query: QueryDict) -> Pairs:
    text = wanted_by(query)
    return [*(("status", each) for each in standings_in(query)), *([("q", text)] if text else [])]


def _written(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _decisions(query: QueryDict) -> Pairs:
    return [(name, value) for name in ("changed", "guard") if (value := query.get(name))]


def _nothing(_: QueryDict) -> Pairs:
    return []


def _columns(kind: type[msgspec.Struct], *names: str) -> Columns:
    wire = {field.name: field.encode_name for field in msgspec.structs.fields(kind)}
    return [(wire[name], attrgetter(name)) for name in names]


_JOB: Final = _columns(
    JobItem, "job_id", "type", "status", "queue", "priority", "created_at", "run_at", "started_at", "finished_at",
    "duration", "attempts", "max_retries", "worker", "error", "fingerprint", "payload_preview", "payload_bytes",
)  # fmt: skip
_ENTRY: Final[Columns] = [
    ("id", attrgetter("id")),
    ("at", attrgetter("at")),
    ("actorId", attrgetter("actor_id")),
    ("actor", attrgetter("actor")),
    ("action", attrgetter("action")),
    ("targetKind", attrgetter("target.kind")),
    ("targetId", attrgetter("target.id")),
    ("count", attrgetter("count")),
    ("reason", attrgetter("reason")),
    ("address", attrgetter("address")),
    ("status", attrgetter("status")),
    ("code", attrgetter("code")),
    ("operationId", attrgetter("operation_id")),
    ("detail", lambda entry: _written(entry.detail) if entry.detail else ""),
    ("finishedAt", attrgetter("finished_at")),
]
_ERROR: Final[Columns] = [
    *_columns(GroupLine, "fingerprint", "error", "count", "first_seen", "last_seen", "sample_job_id"),
    ("types", lambda group: " ".join(group.types)),
    *_columns(GroupLine, "status", "noted_by", "noted_at", "note"),
]
_OPERATION: Final[Columns] = [
    *_columns(OperationView, "operation_id", "action", "status"),
    ("filter", lambda operation: _written(operation.filter)),
    *_columns(
        OperationView, "total", "done", "failed", "rate_per_second", "reason", "started_by", "started_at",
        "finished_at", "duration", "aborted_by", "error",
    ),
]  # fmt: skip
_QUEUE: Final[Columns] = [
    *_columns(QueueLine, "name", "paused", "paused_since", "pending"),
    *((priority.label, lambda line, label=priority.label: line.depth[label]) for priority in Priority),
    *_columns(
        QueueLine, "held", "scheduled", "retrying", "active", "dead", "oldest_age", "in_per_second", "out_per_second"
    ),
]
_TYPE: Final[Columns] = [
    *_columns(TypeLine, "type", "paused", "paused_since", "completed", "failed", "mean_duration", "workers", "held"),
    ("waitingFor", lambda line: " ".join(line.waiting_for)),
]
_WORKER: Final[Columns] = [
    *_columns(WorkerLine, "id", "pool", "host", "pid", "status"),
    ("queues", lambda worker: " ".join(worker.queues)),
    *_columns(
        WorkerLine, "slots", "busy", "processed", "failed", "out_per_second", "rss", "release", "started_at",
        "last_heartbeat",
    ),
    ("running", lambda worker: " ".join(job.job_id for job in worker.running)),
]  # fmt: skip
_DECISION: Final[Columns] = [
    *_columns(
        DecisionView, "id", "at", "last_at", "repeats", "action", "current", "target", "proposed", "reason",
        "confidence", "strategy", "guard", "dry_run",
    ),
    ("inputs", lambda decision: _written(decision.inputs)),
]  # fmt: skip
SOURCES: Final = {
    "jobs": ExportSource(job_routes.list_jobs, _jobs, _JOB),
    "dead-jobs": ExportSource(dlq.list_dead_jobs, _dead_jobs, _JOB),
    "audit": ExportSource(audit.list_audit_entries, pairs_of, _ENTRY),
    "errors": ExportSource(groups.list_dead_groups, _errors, _ERROR, whole=True),
    "operations": ExportSource(operations.list_operations, _nothing, _OPERATION),
    "queues": ExportSource(queues.list_queues, _nothing, _QUEUE, whole=True, text_of=attrgetter("name")),
    "types": ExportSource(types.list_types, _nothing, _TYPE, whole=True, text_of=attrgetter("type")),
    "decisions": ExportSource(
        scaling_routes.list_decisions, _decisions, _DECISION, names=lambda query: {"pool": query.get("pool", "")}
    ),
    "workers": ExportSource(workers.list_workers, _nothing, _WORKER, whole=True, text_of=text_of_worker),
}
