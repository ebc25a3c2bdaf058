"""The bodies that ask for jobs, and their way to what the manager takes."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

import msgspec

from jobs.backoff import DEFAULT, Backoff
from jobs.inspection.wire import about
from jobs.requests import JobSpec

from .base import Body, Instant, Milliseconds, NewJobId, NewJobType, NewQueueName, PriorityWord, Tag, Text

MOST_JOBS = 1000
DAY_MS = 86_400_000
Wait = Annotated[int, msgspec.Meta(ge=0, le=365 * DAY_MS)]
Retries = Annotated[int, msgspec.Meta(ge=0, le=100)]
Timeout = Annotated[int, msgspec.Meta(ge=1, le=7 * DAY_MS)]
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
KeyTime = Annotated[int, msgspec.Meta(ge=1, le=3650 * DAY_MS)]


class BackoffBody(Body, frozen=True):
    """The wait before retry k (from 0): min(base·factor^k, max) ms, and up to the share `jitter` of it more."""

    base: Annotated[Wait, about("Wait before the first retry, in ms; not longer than max")] = round(DEFAULT.base * 1000)
    factor: Annotated[float, msgspec.Meta(ge=1, le=1000), about("By how much each wait is longer than the last")] = (
        DEFAULT.factor
    )
    max: Annotated[Wait, about("Longest wait before jitter, in ms")] = round(DEFAULT.max * 1000)
    jitter: Annotated[float, msgspec.Meta(ge=0, le=1), about("Up to this share of the wait is added at random")] = (
        DEFAULT.jitter
    )


class OptionsBody(Body, frozen=True):
    """How to run a job. What is left out, or null, is as the handler says, else as the installation does."""

    priority: Annotated[PriorityWord | None, about("Within its queue")] = None
    queue: Annotated[NewQueueName | None, about("The queue that it waits in")] = None
    delay: Annotated[Milliseconds | None, about("Start it so many ms from now; not together with runAt")] = None
    run_at: Annotated[Instant | None, about("Start it at a time, with an offset; one of the past runs at once")] = None
    max_retries: Annotated[Retries | None, about("How many attempts may follow the first")] = None
    timeout: Annotated[Timeout | None, about("Longest an execution may take, in ms")] = None
    retention: Annotated[Milliseconds | None, about("How long to keep it after its end, in ms")] = None
    deduplication_key: Annotated[
        Key | None, about("While a job with this key is unfinished there is no other; at most 256 bytes of UTF-8")
    ] = None
    deduplication_ttl: Annotated[
        KeyTime | None, about("After so many ms the key is free again, whatever the job does; needs deduplicationKey")
    ] = None
    on_duplicate: Annotated[
        Literal["reject", "return"], about("Where the key is taken: refuse with 409, or answer 200 with its holder")
    ] = "reject"
    tags: Annotated[tuple[Tag, ...], msgspec.Meta(max_length=10), about("Words to find it by, printable")] = ()
    backoff: Annotated[BackoffBody | None, about("The waits between attempts")] = None


class EnqueueBody(Body, frozen=True):
    """One job."""

    type: Annotated[NewJobType, about("What kind of job it is: the name of its handler")]
    payload: Annotated[
        msgspec.Raw, about("What its handler gets: any JSON, kept byte for byte; at most 1 MiB by default")
    ]
    options: Annotated[OptionsBody | None, about("How to run it")] = None
    job_id: Annotated[NewJobId | None, about("An id of your own: a repeat makes nothing and answers 200")] = None

    @property
    def deduplication_key(self) -> str:
        """The key as the store has it: empty where none is given."""
        return (self.options and self.options.deduplication_key) or ""


UnreadJob = Annotated[msgspec.Raw, msgspec.Meta(extra_json_schema={"$ref": "#/components/schemas/EnqueueBody"})]


class BulkBody(Body, frozen=True):
    """Many jobs, each accepted or refused by itself."""

    jobs: Annotated[list[UnreadJob], msgspec.Meta(max_length=MOST_JOBS), about("The jobs, up to 1,000")]


class PayloadBody(Body, frozen=True):
    """A payload in place of the one there is; nothing to keep it."""

    payload: Annotated[msgspec.Raw, about("The new payload: any JSON, null included; left out, the old one stays")] = (
        msgspec.field(default_factory=msgspec.Raw)
    )
    reason: Annotated[Text, about("Why, for those who look later")] = ""

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
        deduplication_key=body.deduplication_key,
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
