"""Examples of answers other than a single job."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from jobs.api.answers import (
    Accepted,
    BulkReceipt,
    ErrorName,
    Groups,
    OperationPage,
    OperationView,
    Preview,
    Queues,
    Receipt,
    Refused,
    Started,
    Types,
    Workers,
)
from jobs.inspection.figures import QueueLine, RunningJob, Stats, TypeLine, WorkerLine
from jobs.inspection.groups import GroupLine
from jobs.inspection.items import JobItem
from jobs.inspection.outbox import OutboxItem, OutboxPage, WaitingAgain
from jobs.inspection.search import Page, Searched
from jobs.inspection.stack import JobStack
from jobs.inspection.status import InstallationStatus, Part, WorkerState
from jobs.states import State
from jobs.trail.view import AuditPage, AuditTarget, AuditView

from .jobs import CLAIMED, ENDED, ERROR, FINGERPRINT, JOB_ID, LATER, MADE, OTHER_ID, STARTED, WORKER

OPERATION_ID: Final = "17723574000003f9c02d1"
WHY: Final = "the mail server is back"


def _replaced(example: Any, **changes: Any) -> Any:
    return msgspec.structs.replace(example, **changes)


_OUTBOX_ITEM: Final = OutboxItem(
    job_id=JOB_ID,
    type="send-email",
    queue="mail",
    accepted_at=MADE,
    bytes=334,
    tries=3,
    error="connection",
    refused=None,
)
_RECEIPT: Final = Receipt(
    job_id=JOB_ID, type="send-email", status="pending", queue="mail", priority="normal", created_at=MADE, run_at=MADE
)
_ITEM: Final = JobItem(
    job_id=JOB_ID,
    type="send-email",
    status="completed",
    queue="mail",
    priority="normal",
    created_at=MADE,
    run_at=MADE,
    started_at=STARTED,
    finished_at=ENDED,
    duration=312,
    attempts=1,
    max_retries=0,
    worker=WORKER,
    payload_preview='{"to":"ada@example.com","order":7}',
    payload_bytes=34,
)
_DEAD: Final = _replaced(_ITEM, status="dead", error=ERROR, fingerprint=FINGERPRINT)
_ALL: Final = Searched(count=1, of=1, oldest=ENDED, complete=True)
_OPERATION: Final = OperationView(
    operation_id=OPERATION_ID,
    action="retry",
    status="running",
    filter={"status": ["dead"], "fingerprint": [FINGERPRINT]},
    total=312,
    done=120,
    failed=0,
    rate_per_second=10.0,
    reason=WHY,
    started_by="operations (key:7)",
    started_at=LATER,
    finished_at=None,
    duration=None,
    error=None,
    aborted_by=None,
    samples=[],
    errors=[ErrorName(fingerprint=FINGERPRINT, error=ERROR, types=["send-email"])],
    died_since=4,
    completed_since=107,
)
_QUEUE: Final = QueueLine(
    name="mail",
    paused=False,
    depth={"high": 2, "normal": 40, "low": 0},
    pending=42,
    held=0,
    scheduled=7,
    retrying=1,
    active=5,
    dead=3,
    oldest_age=1830,
    in_per_second=12.5,
    out_per_second=12.1,
)
_TYPE: Final = TypeLine(
    type="send-email", completed=48_210, failed=37, mean_duration=298.4, workers=2, paused=False, held=0
)
_WORKER: Final = WorkerLine(
    id=WORKER,
    pool="default",
    host="web-1",
    pid=4242,
    status="busy",
    queues=["default", "mail"],
    slots=5,
    busy=1,
    processed=1204,
    failed=3,
    out_per_second=14.7,
    rss=96_468_992,
    release="2026.3",
    started_at="2026-03-01T06:00:00.000Z",
    last_heartbeat=STARTED,
    running=[RunningJob(job_id=JOB_ID, type="send-email", started_at=STARTED)],
)
_STATES: Final = {state.label: 0 for state in State} | {"scheduled": 7, "pending": 42, "active": 5, "dead": 3}
_ENTRY: Final = AuditView(
    id=318,
    at=LATER,
    actor_id="key:7",
    actor="operations",
    action="dlq.operation",
    target=AuditTarget(kind="dlq", id=""),
    address="10.0.0.12",
    reason=WHY,
    count=312,
    status="done",
    code=None,
    operation_id=OPERATION_ID,
    detail={"action": "retry", "filter": {"status": ["dead"], "fingerprint": [FINGERPRINT]}},
    finished_at="2026-03-01T09:45:12.014Z",
)

# By the answer's Struct, or by operation (and status) where that says more.
ANSWERS: Final[dict[Any, Any]] = {
    ("enqueue_job", 201): _RECEIPT,
    ("enqueue_job", 200): _replaced(_RECEIPT, status="active"),
    ("enqueue_job", 202): _replaced(_RECEIPT, status="accepted"),
    ("enqueue_jobs", 202): BulkReceipt(
        accepted=[Accepted(index=0, job_id=JOB_ID), Accepted(index=1, job_id=OTHER_ID, status="accepted")], refused=[]
    ),
    ("list_dead_jobs", 200): Page(items=[_DEAD], next_cursor=None, searched=_ALL),
    ("pause_queue", 200): _replaced(_QUEUE, paused=True),
    ("pause_type", 200): _replaced(_TYPE, paused=True, held=12),
    ("drain_worker", 200): _WORKER,
    JobStack: JobStack(
        job_id=JOB_ID,
        type="send-email",
        worker=WORKER,
        waiting=False,
        lines=['  File "/srv/shop/mail.py", line 31, in send_email', "    server.send_message(message)"],
        source="worker",
    ),
    BulkReceipt: BulkReceipt(
        accepted=[Accepted(index=0, job_id=JOB_ID), Accepted(index=2, job_id=OTHER_ID)],
        refused=[Refused(index=1, code="invalid", detail="payload: this field is required", field="payload")],
    ),
    Page: Page(items=[_ITEM], next_cursor=None, searched=_ALL),
    OutboxPage: OutboxPage(
        waiting=312,
        bytes=104_218,
        oldest_age=41_200,
        refused=0,
        items=[_OUTBOX_ITEM],
        next_cursor=None,
    ),
    OutboxItem: _replaced(_OUTBOX_ITEM, tries=1, error="invalid: there are 1000 queues already"),
    Preview: Preview(matched=312, at_least=312),
    WaitingAgain: WaitingAgain(jobs=312),
    Started: Started(operation_id=OPERATION_ID, matched=312),
    OperationView: _OPERATION,
    OperationPage: OperationPage(items=[_OPERATION], unreadable=[], next_cursor=None),
    Groups: Groups(
        items=[
            GroupLine(
                fingerprint=FINGERPRINT,
                count=312,
                error=ERROR,
                first_seen=CLAIMED,
                last_seen=LATER,
                sample_job_id=JOB_ID,
                types=["send-email"],
                status="open",
            )
        ],
        matching=1,
        counts={"open": 1, "regressed": 0, "resolved": 0, "ignored": 0},
    ),
    QueueLine: _QUEUE,
    Queues: Queues(items=[_QUEUE]),
    TypeLine: _TYPE,
    Types: Types(items=[_TYPE]),
    Workers: Workers(items=[_WORKER]),
    InstallationStatus: InstallationStatus(
        status="healthy",
        parts=[
            Part(name="store", status="healthy"),
            Part(name="workers", status="healthy", detail="1 alive"),
            Part(name="maintenance", status="healthy"),
        ],
        workers=[WorkerState(id=WORKER, status="busy", processed=1204)],
        jobs=_STATES,
        paused_queues=[],
        release="2026.3",
        at=LATER,
    ),
    Stats: Stats(
        total=48_304,
        pending=42,
        completed=48_210,
        failed=37,
        dead=9,
        cancelled=34,
        retried=4,
        pruned=48_200,
        deleted=2,
        by_state=_STATES,
        in_per_second=12.5,
        out_per_second=12.1,
        failed_per_second=0.0,
        completed_since=ENDED,
        cancelled_since=None,
        at=LATER,
    ),
    AuditPage: AuditPage(items=[_ENTRY], next_cursor=None),
}
