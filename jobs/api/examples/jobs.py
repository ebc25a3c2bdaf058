"""One job, as each operation that answers with a job leaves it."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from jobs.inspection.detail import Attempt, BackoffView, JobView, OptionsView
from jobs.inspection.timeline import Moment

JOB_ID: Final = "00b1946ac92492d2347c62"
OTHER_ID: Final = "005acbce6715820ca3fecb"
WORKER: Final = "web-1-4242-9f31ac"
FINGERPRINT: Final = "3f9c02d1b7a4e856"
MESSAGE: Final = "Connection unexpectedly closed"
ERROR: Final = f"SMTPServerDisconnected: {MESSAGE}"
MADE: Final = "2026-03-01T09:30:00.000Z"
CLAIMED: Final = "2026-03-01T09:30:00.420Z"
STARTED: Final = "2026-03-01T09:30:00.421Z"
ENDED: Final = "2026-03-01T09:30:00.733Z"
LATER: Final = "2026-03-01T09:45:12.000Z"

_ENQUEUED: Final = Moment(at=MADE, event="enqueued", detail="on mail, normal")
_CLAIMED: Final = Moment(at=CLAIMED, event="claimed", detail=f"execution 1 on {WORKER}")
_OPTIONS: Final = OptionsView(
    priority="normal",
    queue="mail",
    max_retries=0,
    timeout=30_000,
    deduplication_key=None,
    tags=["orders"],
    backoff=BackoffView(base=1000, factor=2.0, max=60_000, jitter=0.3),
    retention=None,
)
_NEW: Final = JobView(
    job_id=JOB_ID,
    unreadable=[],
    type="send-email",
    status="pending",
    queue="mail",
    priority="normal",
    created_at=MADE,
    run_at=MADE,
    attempts_made=0,
    executions=0,
    releases=0,
    snoozes=0,
    payload=msgspec.Raw(b'{"to":"ada@example.com","order":7}'),
    payload_version=1,
    options=_OPTIONS,
    timeline=[_ENQUEUED],
)


def _attempt(outcome: str, **more: Any) -> Attempt:
    return Attempt(
        number=1,
        attempt=1,
        worker=WORKER,
        claimed_at=CLAIMED,
        started_at=STARTED,
        ended_at=ENDED,
        duration=312,
        outcome=outcome,
        **more,
    )


_COMPLETED: Final = msgspec.structs.replace(
    _NEW,
    status="completed",
    started_at=STARTED,
    finished_at=ENDED,
    duration=312,
    attempts_made=1,
    executions=1,
    worker=WORKER,
    result=msgspec.Raw(b'{"message":"250 OK"}'),
    attempts=[_attempt("completed")],
    timeline=[_ENQUEUED, _CLAIMED, Moment(at=ENDED, event="completed")],
)
_CANCELLED: Final = msgspec.structs.replace(
    _NEW,
    status="cancelled",
    finished_at=LATER,
    error="the customer has left",
    timeline=[_ENQUEUED, Moment(at=LATER, event="cancelled", detail="the customer has left")],
)
_RETRIED: Final = msgspec.structs.replace(
    _NEW,
    run_at=LATER,
    started_at=STARTED,
    executions=1,
    worker=WORKER,
    error=ERROR,
    fingerprint=FINGERPRINT,
    attempts=[
        _attempt(
            "failed",
            error="SMTPServerDisconnected",
            error_message=MESSAGE,
            traceback=f"Traceback (most recent call last):\n  …\nsmtplib.{ERROR}",
        )
    ],
    timeline=[_ENQUEUED, _CLAIMED, Moment(at=ENDED, event="failed", detail=ERROR), Moment(at=LATER, event="pending")],
)

# By the name of the operation.
JOBS: Final[dict[str, JobView]] = {
    "get_job": _COMPLETED,
    "cancel_job": _CANCELLED,
    "retry_job": _RETRIED,
    "retry_dead_job": _RETRIED,
    "run_job_now": msgspec.structs.replace(_NEW, run_at=LATER),
    "rerun_job": msgspec.structs.replace(
        _NEW,
        job_id=OTHER_ID,
        created_at=LATER,
        run_at=LATER,
        rerun_of=JOB_ID,
        timeline=[Moment(at=LATER, event="enqueued", detail="on mail, normal")],
    ),
}
