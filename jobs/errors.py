"""One exception tree. Facts live on the object; `transient` says whether trying again can help.

Flow signals (`Retry`, `Snooze`, `Discard`) are what a handler raises to steer its job; they are not errors.
"""

from __future__ import annotations

from typing import ClassVar


class QueueFlowError(Exception):
    """Root of every error we raise. `code` is the stable word of the API, `transient` whether a repeat can help."""

    code: ClassVar[str] = "error"
    transient: ClassVar[bool] = False


class InvalidJob(QueueFlowError):
    """A request that can never be accepted. `field` names the part at fault in wire notation."""

    code = "invalid"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


class PayloadTooLarge(InvalidJob):
    """The payload has more bytes than MAX_PAYLOAD_BYTES."""

    code = "payload_too_large"


class UnknownJobType(InvalidJob):
    """Neither this process nor any live worker has a handler for the type; another day one may."""

    code = "unknown_job_type"

    def __init__(self, job_type: str) -> None:
        super().__init__("type", f"no handler is known for {job_type!r}, and no live worker has one")
        self.job_type = job_type


class DuplicateJob(QueueFlowError):
    """The deduplication key is held by an unfinished job, whose id is `job_id`."""

    code = "duplicate_job"

    def __init__(self, key: str, job_id: str) -> None:
        super().__init__(f"deduplication key {key!r} is held by job {job_id}")
        self.key = key
        self.job_id = job_id


class JobNotFound(QueueFlowError):
    """No job has this id (any more)."""

    code = "not_found"

    def __init__(self, job_id: str) -> None:
        super().__init__(f"no job {job_id}")
        self.job_id = job_id


class WrongState(QueueFlowError):
    """The job is in a state that forbids the action."""

    code = "conflict"

    def __init__(self, job_id: str, verb: str, state: str) -> None:
        super().__init__(f"cannot {verb} job {job_id}: it is {state}")
        self.job_id = job_id
        self.verb = verb
        self.state = state


class TooManyQueues(QueueFlowError):
    """The installation's limit of queues is reached and the named one is new."""

    code = "invalid"


class UnreadableRecord(QueueFlowError):
    """What the store holds for a job cannot be decoded."""

    code = "unreadable"

    def __init__(self, job_id: str, part: str) -> None:
        super().__init__(f"the {part} of job {job_id} cannot be decoded")
        self.job_id = job_id
        self.part = part


class StoreError(QueueFlowError):
    """The store did not do what was asked. `kind` is the word of the table in `jobs.store.failures`.

    `retry_after`: seconds after which another try makes sense; `longest_wait`: between two tries of those who go on
    trying; `say_every`: between two lines in the log about it. `partition`: the one that did not, of several.
    `may_be_done`: no answer came to what was sent, or none that is understood, so it may have been done all the same.
    `job_ids`: under which jobs may be there then, and a repeat makes none of them twice: one where one was enqueued; of
    a bulk one for each, empty for those that are not there.
    """

    code = "store_error"
    retry_after = 1.0
    longest_wait = 2.0
    say_every = 30.0
    partition: int | None = None
    job_ids: tuple[str, ...] = ()

    def __init__(self, message: str, kind: str = "bug") -> None:
        super().__init__(message)
        self.kind = kind
        self.may_be_done = kind in ("timeout", "connection")

    def __str__(self) -> str:
        words = super().__str__()
        return words if self.partition is None else f"partition {self.partition}: {words}"

    @property
    def public(self) -> str:
        """A sentence for anybody, in which are no addresses."""
        if self.kind == "outbox_full":
            words = str(self)
            return f"{words[:1].upper()}{words[1:]}."
        what = "The store" if self.partition is None else f"Partition {self.partition} of the store"
        return f"{what} cannot answer now ({self.kind.replace('_', ' ')})."


class StoreUnavailable(StoreError):
    """The store cannot answer now; the same call may succeed later."""

    code = "store_unavailable"
    transient = True

    def __init__(self, message: str, kind: str = "connection") -> None:
        super().__init__(message, kind)


class NotReplicated(StoreUnavailable):
    """Jobs were made, and too few replicas have said that they have them: a failover may lose them."""

    def __init__(self, message: str, job_ids: tuple[str, ...]) -> None:
        super().__init__(message, "too_few_replicas")
        self.job_ids = job_ids
        self.may_be_done = True


class StoreMisconfigured(StoreError):
    """The store refuses us until an operator changes something (password, permission, memory)."""

    code = "store_unavailable"


class StoreSpoilt(StoreError):
    """A key of the store holds something else than it should, which only an operator can mend. The text names it."""

    def __init__(self, message: str, kind: str = "wrong_type") -> None:
        super().__init__(message, kind)


class ConfigError(QueueFlowError):
    """Settings that cannot work. The text is one sentence for a person."""

    code = "config"


class JobTimeout(QueueFlowError):
    """A job ran longer than its `timeout`."""

    code = "timeout"


class WorkerLost(QueueFlowError):
    """The process that ran a job died or its lease ran out."""

    code = "worker_lost"


class WorkerSilent(QueueFlowError):
    """A worker was asked something and did not answer in time."""

    code = "worker_silent"
    transient = True


class ResultNotSerializable(QueueFlowError):
    """A handler returned what JSON cannot carry, or too much of it. The job is not run again by itself."""

    code = "result_not_serializable"


class FlowSignal(Exception):
    """What a handler raises to steer its job. Not an error: nothing failed."""


class Retry(FlowSignal):
    """Run this job again later; the attempt is spent. `delay` in seconds replaces the backoff."""

    def __init__(self, reason: str = "", delay: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.delay = delay


class Snooze(FlowSignal):
    """Run this job again in `seconds`; no attempt is spent."""

    def __init__(self, seconds: float, reason: str = "") -> None:
        super().__init__(reason)
        self.seconds = seconds
        self.reason = reason


class Discard(FlowSignal):
    """Give this job up without failing it: it ends cancelled with `reason`."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
