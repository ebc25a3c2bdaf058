"""What a caller asks for, and its way to a request that the store can take."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal, TypedDict

import msgspec

from . import ids, limits
from . import payload as payloads
from .backoff import Backoff
from .clock import MAX_INSTANT_MS, to_instant_ms
from .conf import Config
from .errors import InvalidJob
from .handlers.registry import Handler, Registry
from .limits import Duration
from .types import DEFAULT_QUEUE, DEFAULT_RETENTION, Envelope, JobRequest, Priority

MAX_RETRIES: Final = 3  # for jobs whose handler is not known here
OnDuplicate = Literal["reject", "return"]
_ON_DUPLICATE: Final = ("reject", "return")


class JobOptions(TypedDict, total=False):
    """The options of an enqueue; `JobSpec` says what each means."""

    priority: Priority | str | None
    queue: str | None
    delay: Duration | None
    run_at: datetime | None
    max_retries: int | None
    timeout: Duration | None
    retention: Duration | None
    deduplication_key: str
    deduplication_ttl: Duration | None
    on_duplicate: OnDuplicate
    tags: Sequence[str]
    backoff: Backoff | Mapping[str, float] | None
    job_id: str | None


class JobSpec(msgspec.Struct, frozen=True):
    """One job as a caller describes it, unchecked. None: what its handler says, else the installation.

    payload: anything that JSON has, see `payload.encode`; a msgspec.Raw holds JSON, which is kept byte for byte.
    Durations are seconds or timedeltas: `delay` or the aware datetime `run_at` put off the start (a past one runs at
    once), `timeout` bounds an execution, `retention` keeps the job after its end (0: not at all).
    deduplication_key: while a job with it is unfinished, for at most `deduplication_ttl` after its enqueue, another one
    is refused, or answered with the first (on_duplicate="return"). job_id: the caller's own; a repeat makes nothing.
    """

    type: str
    payload: object = None
    priority: Priority | str | None = None
    queue: str | None = None
    delay: Duration | None = None
    run_at: datetime | None = None
    max_retries: int | None = None
    timeout: Duration | None = None
    retention: Duration | None = None
    deduplication_key: str = ""
    deduplication_ttl: Duration | None = None
    on_duplicate: OnDuplicate = "reject"
    tags: Sequence[str] = ()
    backoff: Backoff | Mapping[str, float] | None = None
    job_id: str | None = None


def request_of(spec: JobSpec, registry: Registry, config: Config, among: Sequence[int] = ()) -> JobRequest:
    """Check a spec against every limit and, where the handler is known, its payload against the handler's type.

    A job that may lie in any partition lies in one `among` these.

    Raises InvalidJob and PayloadTooLarge with the field in wire notation (`options.maxRetries`).
    """
    job_type = limits.job_type(spec.type)
    handler = registry.get(job_type)
    due_ms, delay_ms = _start(spec)
    queue, priority, retries, retention = _defaults(handler)
    key, ttl_ms = _deduplication(spec)
    count = config.partitions.count
    return JobRequest(
        id=ids.new_id(key, among, count) if spec.job_id is None else _own_id(spec.job_id, key, count),
        type=job_type,
        envelope=_envelope(spec, handler, config),
        queue=queue if spec.queue is None else limits.queue(spec.queue, "options.queue"),
        priority=priority if spec.priority is None else limits.priority(spec.priority, "options.priority"),
        due_ms=due_ms,
        delay_ms=delay_ms,
        max_retries=retries if spec.max_retries is None else limits.max_retries(spec.max_retries, "options.maxRetries"),
        retention_ms=retention if spec.retention is None else limits.duration_ms(spec.retention, "options.retention"),
        deduplication_key=key,
        deduplication_ttl_ms=ttl_ms,
    )


def _own_id(job_id: str, key: str, count: int) -> str:
    ids.check_place(ids.checked_id(job_id), key, count)
    return job_id


def _defaults(handler: Handler | None) -> tuple[str, Priority, int, int]:
    if handler is None:
        return DEFAULT_QUEUE, Priority.NORMAL, MAX_RETRIES, DEFAULT_RETENTION
    return handler.queue, handler.priority, handler.max_retries, handler.retention_ms


def _envelope(spec: JobSpec, handler: Handler | None, config: Config) -> Envelope:
    if spec.timeout is not None:
        timeout_ms = limits.timeout_ms(spec.timeout, "options.timeout")
    else:
        timeout_ms = (handler.timeout_ms if handler else None) or config.job_timeout_ms
    if spec.backoff is not None:
        backoff: Backoff | None = limits.backoff(spec.backoff, "options.backoff")
    else:
        backoff = handler.backoff if handler else None
    return Envelope(
        payload=_payload(spec, handler, config.max_payload_bytes),
        timeout_ms=timeout_ms,
        backoff=backoff,
        tags=limits.tags(spec.tags, "options.tags") if spec.tags else (),
    )


def _payload(spec: JobSpec, handler: Handler | None, most: int) -> bytes:
    given = spec.payload
    found = bytes(given) if isinstance(given, msgspec.Raw) else payloads.encode(given)
    value = payloads.check(found, most)
    if handler is not None:
        handler.convert(value)
    return found


def _start(spec: JobSpec) -> tuple[int, int]:
    """(due, delay) in ms: at most one of them is set, both 0 for a job that may start at once."""
    if spec.delay is None and spec.run_at is None:
        return 0, 0
    if spec.run_at is None:
        return 0, limits.duration_ms(spec.delay, "options.delay", 0, MAX_INSTANT_MS - int(time.time() * 1000))
    if spec.delay is not None:
        raise InvalidJob("options.runAt", "give either delay or runAt")
    if not isinstance(spec.run_at, datetime):
        raise InvalidJob("options.runAt", "give a time with an offset")
    try:
        due_ms = to_instant_ms(spec.run_at)
    except ValueError as error:
        raise InvalidJob("options.runAt", str(error)) from error
    if due_ms > MAX_INSTANT_MS:
        raise InvalidJob("options.runAt", "give a time before the year 10000")
    return max(due_ms, 0), 0


def _deduplication(spec: JobSpec) -> tuple[str, int]:
    if spec.on_duplicate not in _ON_DUPLICATE:
        raise InvalidJob("options.onDuplicate", "give reject or return")
    key = spec.deduplication_key
    if key:
        key = limits.deduplication_key(key, "options.deduplicationKey")
    if spec.deduplication_ttl is None:
        return key or "", 0
    if not key:
        raise InvalidJob("options.deduplicationTtl", "it needs a deduplicationKey")
    return key, limits.duration_ms(spec.deduplication_ttl, "options.deduplicationTtl", 1)
