"""POST /api/jobs and /api/jobs/bulk."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET

from jobs.api.answers import Accepted, BulkReceipt, Receipt, Refused
from jobs.api.bears import Bears
from jobs.api.bodies.enqueue import BulkBody, EnqueueBody, spec_of
from jobs.api.call import Call
from jobs.api.idempotency import id_of, marker_of
from jobs.api.limiter import get_limiter
from jobs.api.problems import Problem, problem_of
from jobs.api.query import Nothing
from jobs.api.reading import read
from jobs.api.reply import Answer
from jobs.errors import StoreError
from jobs.inspection.wire import ACCEPTED
from jobs.manager import QueueManager
from jobs.refusals import Refusal
from jobs.requests import JobSpec
from jobs.rights import Right
from jobs.types import Enqueued

from .endpoints import endpoints

BULK_BATCH = 100


@endpoints.post(
    "/jobs",
    Right.ENQUEUE,
    body=EnqueueBody,
    answers={201: Receipt, 200: Receipt, 202: Receipt},
    bears=Bears.BY_OUTBOX,
    idempotent=True,
    located=True,
    problems=(409,),
)
def enqueue_job(call: Call[EnqueueBody, Nothing]) -> Answer:
    """Enqueue a job.

    200 instead of 201: there is a job with this `jobId` already, or the deduplication key is held by another one and
    `onDuplicate` is `return`. With an Idempotency-Key a repeated request gets the first answer.

    202 with the status `accepted`, where the outbox is on: the store is away, and gets the job when it is back. Its
    `delay` counts from now; a deduplication key that is taken by then ends it as cancelled, for the reason
    `duplicate_job`.

    503 with a `jobId`: the job may be there all the same. A repeat with that `jobId` makes it once.
    """
    spec = spec_of(call.body, id_of(call, 0, call.body.deduplication_key))
    enqueued = QueueManager(call.store).submit(spec, marker_of(call))
    status = 202 if enqueued.accepted else 201 if enqueued.created else 200
    return Answer(Receipt.of(enqueued), status, {"Location": f"/api/jobs/{enqueued.id}"})


@endpoints.post(
    "/jobs/bulk",
    Right.ENQUEUE,
    body=BulkBody,
    answers={201: BulkReceipt, 202: BulkReceipt},
    bears=Bears.BY_OUTBOX,
    idempotent=True,
)
def enqueue_jobs(call: Call[BulkBody, Nothing]) -> Answer:
    """Enqueue up to 1,000 jobs.

    Each job is accepted or refused by itself. When the store is lost midway, the rest is refused as
    `store_unavailable`, of several partitions what belongs to the one that is away; with an Idempotency-Key the whole
    request can be repeated, and a job that is refused with a `jobId` under that id. Where the store takes none at all,
    the answer is 503, whose `refused` are those jobs that may be there all the same. Where the outbox is on, the rest
    is accepted into it instead, and the answer is 202.
    """
    specs: list[JobSpec] = []
    places: list[int] = []
    refused: list[Refused] = []
    for index, raw in enumerate(call.body.jobs):
        try:
            body = read(EnqueueBody, raw)
            specs.append(spec_of(body, id_of(call, index, body.deduplication_key)))
            places.append(index)
        except Problem as problem:
            refused.append(_unread(index, problem))
    limits = get_limiter().take_more(call.store, call.principal, (len(specs) - 1) // BULK_BATCH)
    try:
        result = QueueManager(call.store).enqueue_many(specs, marker_of(call), batch_jobs=BULK_BATCH)
    except StoreError as error:
        raise _lost(error, places) from error
    refused += [_refused(places[refusal.index], refusal) for refusal in result.refused]
    receipt = BulkReceipt(
        accepted=[_accepted(places[at], enqueued) for at, enqueued in result.accepted],
        refused=sorted(refused, key=lambda each: each.index),
    )
    waits = any(enqueued.accepted for _, enqueued in result.accepted)
    return Answer(receipt, 202 if waits else 201, limits)


def _accepted(index: int, enqueued: Enqueued) -> Accepted:
    return Accepted(index=index, job_id=enqueued.id, status=ACCEPTED if enqueued.accepted else UNSET)


def _unread(index: int, problem: Problem) -> Refused:
    field = problem.fields[0].field if problem.fields else UNSET
    return Refused(index=index, code=problem.code, detail=problem.detail, field=field)


def _lost(error: StoreError, places: Sequence[int]) -> Problem:
    """The answer where no job was taken, with those that may be there all the same."""
    job_ids, error.job_ids = error.job_ids, ()
    problem = problem_of(error)
    refused = [
        Refused(index=places[at], code=error.code, detail=error.public, job_id=job_id)
        for at, job_id in enumerate(job_ids)
        if job_id
    ]
    if refused:
        problem.members["refused"] = refused
    return problem


def _refused(index: int, refusal: Refusal) -> Refused:
    return Refused(
        index=index,
        code=refusal.code,
        detail=refusal.detail,
        field=refusal.field or UNSET,
        job_id=refusal.job_id or UNSET,
    )
