"""The bodies that ask for jobs, and their way to what the manager takes."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

import msgspec

from jobs.backoff import DEFAULT, Backoff
from jobs.requests import JobSpec

from .base import Body, Instant, JobId, JobType, Milliseconds, PriorityWord, QueueName, Tag

MOST_JOBS = 1000
DAY_MS = 86_400_000


class BackoffBody(Body, frozen=True):
    """The wait before retry k (from 0): min(base·factor^k, max) ms, and up to the share `jitter` of it more."""

    base: Annotated[int, msgspec.Meta(ge=0, le=365 * DAY_MS)] = round(DEFAULT.base * 1000)
    factor: Annotated[float, msgspec.Meta(ge=1, le=1000)] = DEFAULT.factor
    max: Annotated[int, msgspec.Meta(ge=0, le=365 * DAY_MS)] = round(DEFAULT.max * 1000)
    jitter: Annotated[float, msgspec.Meta(ge=0, le=1)] = DEFAULT.jitter


class OptionsBody(Body, frozen=True):
    """How to run a job. What is left out, or null, is as the handler says, else as the installation does.

    Durations are whole milliseconds; `runAt` has an offset, and one of the past runs at once.
    """

    priority: PriorityWord | None = None
    queue: QueueName | None = None
    delay: Milliseconds | None = None
    run_at: Instant | None = None
    max_retries: Annotated[int, msgspec.Meta(ge=0, le=100)] | None = None
    timeout: Annotated[int, msgspec.Meta(ge=1, le=7 * DAY_MS)] | None = None
    retention: Milliseconds | None = None
    deduplication_key: Annotated[str, msgspec.Meta(min_length=1, max_length=256)] | None = None
    deduplication_ttl: Annotated[int, msgspec.Meta(ge=1, le=3650 * DAY_MS)] | None = None
    on_duplicate: Literal["reject", "return"] = "reject"
    tags: Annotated[tuple[Tag, ...], msgspec.Meta(max_length=10)] = ()
    backoff: BackoffBody | None = None


class EnqueueBody(Body, frozen=True):
    """One job. `payload` is any JSON and is kept byte for byte. `jobId` is the client's own; a repeat makes nothing."""

    type: JobType
    payload: msgspec.Raw
    options: OptionsBody | None = None
    job_id: JobId | None = None


UnreadJob = Annotated[msgspec.Raw, msgspec.Meta(extra_json_schema={"$ref": "#/components/schemas/EnqueueBody"})]


class BulkBody(Body, frozen=True):
    """Many jobs, each accepted or refused by itself."""

    jobs: Annotated[list[UnreadJob], msgspec.Meta(max_length=MOST_JOBS)]


class PayloadBody(Body, frozen=True):
    """A payload in place of the one there is; nothing to keep it."""

    payload: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw)

    @property
    def given(self) -> bytes | None:
        """The payload's bytes; None where there is none, which is not the same as null."""
        return bytes(self.payload) or None


def spec_of(body: EnqueueBody, job_id: str | None = None) -> JobSpec:
    """What the manager takes. `job_id` counts where the client gave none."""
    options = body.options or OptionsBody()
    return JobSpec(
        type=body.type,
        payload=body.payload,
        priority=options.priority,
        queue=options.queue,
        delay=_duration(options.delay),
        run_at=options.run_at,
        max_retries=options.max_retries,
        timeout=_duration(options.timeout),
        retention=_duration(options.retention),
        deduplication_key=options.deduplication_key or "",
        deduplication_ttl=_duration(options.deduplication_ttl),
        on_duplicate=options.on_duplicate,
        tags=options.tags,
        backoff=_backoff(options.backoff),
        job_id=body.job_id or job_id,
    )


def _duration(milliseconds: int | None) -> timedelta | None:
    return None if milliseconds is None else timedelta(milliseconds=milliseconds)


def _backoff(body: BackoffBody | None) -> Backoff | None:
    if body is None:
        return None
    numbers: dict[str, Any] = msgspec.structs.asdict(body)
    return Backoff(**numbers | {"base": body.base / 1000, "max": body.max / 1000})
