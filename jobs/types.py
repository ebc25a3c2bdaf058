"""The values that cross a boundary: frozen, decoded once, at the edge.

`JobRecord` is what the store keeps and Lua rewrites: its field order is the layout in Redis, append only.
`Envelope` is what a client wrote: opaque to Lua, never changed in place.
What is made by the hundred thousand is spared the garbage collector (`gc=False`): nothing in it leads back to it.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

import msgspec

from .backoff import Backoff
from .states import State

DEFAULT_QUEUE: Final = "default"
DEFAULT_RETENTION: Final = -1
RERUN_OF: Final = "queueflow.rerunOf"  # in the trace of a job that is run again: the id of the one before


class Priority(IntEnum):
    """HIGH before NORMAL before LOW, by weight; the value is the code in a job's record."""

    HIGH = 1
    NORMAL = 2
    LOW = 3

    @property
    def label(self) -> str:
        """The word used on the wire and on screen."""
        return self.name.lower()

    @classmethod
    def from_label(cls, label: str) -> Priority:
        """The priority a wire word names. Raises KeyError for any other word."""
        return cls[label.upper()]


class Envelope(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What was asked for. `payload` is the client's JSON, byte for byte; `backoff` None means the default."""

    payload: bytes
    timeout_ms: int
    backoff: Backoff | None = None
    tags: tuple[str, ...] = ()
    trace: dict[str, str] | None = None

    @property
    def rerun_of(self) -> str:
        """The id of the job that this one was made like; "" for a job of its own."""
        return self.trace.get(RERUN_OF, "") if self.trace else ""


class JobRequest(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A checked request to run one job. `due_ms` is an absolute instant, `delay_ms` counts from the enqueue."""

    id: str
    type: str
    envelope: Envelope
    queue: str = DEFAULT_QUEUE
    priority: Priority = Priority.NORMAL
    due_ms: int = 0
    delay_ms: int = 0
    max_retries: int = 3
    retention_ms: int = DEFAULT_RETENTION
    deduplication_key: str = ""
    deduplication_ttl_ms: int = 0


class JobRecord(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Where a job is. Instants are ms of server time, 0 for never; Lua reads and writes the fields by position."""

    state: State
    type: str
    queue: str
    priority: Priority
    created: int
    position: int  # the stamp that orders it inside its priority; a released job keeps it
    ready: int  # when it became or becomes claimable; 0 means at creation
    attempts: int  # spent, this one included while active
    max_retries: int
    executions: int  # claims so far; never goes back
    releases: int = 0
    snoozes: int = 0
    token: str = ""  # of the claim that holds it, or held it last
    worker: str = ""
    claimed: int = 0
    started: int = 0  # ms from the claim to the first line of user code
    duration: int = 0  # ms of user code
    finished: int = 0
    order: int = 0  # the stamp of its settling: the position in completed, cancelled and the DLQ
    deduplication_key: str = ""
    retention: int = DEFAULT_RETENTION
    size: int = 0  # bytes of envelopes, result, history and log
    cancelling: int = 0
    version: int = 1  # of the envelope; an edited payload makes a new one
    unknown_since: int = 0  # first claim for which no live worker knew the type
    error: str = ""  # one line
    fingerprint: str = ""
    deduplication_until: int = 0  # when its deduplication key lapses; 0 for not before the job is over
    tags: tuple[str, ...] = ()  # those under which the index of tags has it; a job without any has no such field

    @property
    def ready_at(self) -> int:
        """When it became, or becomes, claimable; ms."""
        return self.ready or self.created


class Execution(msgspec.Struct, frozen=True, array_like=True):
    """One past execution, as the history keeps it. `number` counts claims; instants in ms, `duration` in ms."""

    number: int
    attempt: int
    worker: str
    claimed: int
    started: int
    duration: int
    ended: int
    outcome: str
    error_type: str = ""
    message: str = ""
    traceback: str = ""
    error_path: str = ""  # from where the error's class can be imported


class Failure(msgspec.Struct, frozen=True):
    """Why an execution failed, cut to the limits of the history."""

    error_type: str
    message: str
    traceback: str
    fingerprint: str
    error_path: str = ""  # from where its class can be imported

    @property
    def summary(self) -> str:
        """One line for lists, at most 200 characters."""
        return f"{self.error_type}: {self.message}".split("\n", 1)[0][:200]


class Claim(msgspec.Struct, frozen=True):
    """A job in a worker's hands: what it is, what it carries, and the token that proves it."""

    id: str
    token: str
    record: JobRecord
    envelope: Envelope | None  # None when it cannot be decoded


class Enqueued(msgspec.Struct, frozen=True, gc=False):
    """What became of one request. `created` is False for a repeat of the same id or a returned duplicate.

    `record`: where a job was there before, or the answer is remembered, its record at the time of the answer.
    `request`: where there is none, what was sent. `accepted`: the store is away, and the job lies in the outbox until
    it is back; state and times are what they would be.
    """

    id: str
    state: State
    created_ms: int
    due_ms: int = 0
    created: bool = True
    duplicate_of: str = ""
    record: JobRecord | None = None
    request: JobRequest | None = None
    accepted: bool = False

    @property
    def job(self) -> JobRecord | JobRequest:
        """The job's type, queue and priority."""
        found = self.record or self.request
        assert found is not None  # noqa: S101 - the store answers with one of them
        return found
