"""What can be exported: the endpoint that lists it, what it is asked, and the columns of its table."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

import msgspec
from django.http import QueryDict

from jobs.api.routes import audit, dlq
from jobs.api.routes import jobs as job_routes
from jobs.inspection.items import JobItem

from .audit_query import pairs_of
from .bulk_form import filter_from
from .export_form import Columns

Pairs = list[tuple[str, str]]


class ExportSource(msgspec.Struct, frozen=True):
    """A list. `asked` gives the API's parameters for the query of a page, without cursor and limit."""

    work: Callable[..., Any]
    asked: Callable[[QueryDict], Pairs]
    columns: Columns


def _jobs(query: QueryDict) -> Pairs:
    wanted = filter_from(query)
    return [(name, each) for name, value in wanted.items() for each in (value if isinstance(value, list) else [value])]


def _dead_jobs(query: QueryDict) -> Pairs:
    return [pair for pair in _jobs(query) if pair[0] != "status"]


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
    ("detail", lambda entry: msgspec.json.encode(entry.detail).decode() if entry.detail else ""),
    ("finishedAt", attrgetter("finished_at")),
]
SOURCES: Final = {
    "jobs": ExportSource(job_routes.list_jobs, _jobs, _JOB),
    "dead-jobs": ExportSource(dlq.list_dead_jobs, _dead_jobs, _JOB),
    "audit": ExportSource(audit.list_audit_entries, pairs_of, _ENTRY),
}
