"""Enqueues a job when the database transaction around it commits, under an id that is known before.

The job is checked, and its payload written down, at the call; a rollback leaves nothing. When the transaction has
committed, one script call brings the job into the store; if the connection broke, a second one under the same id, which
cannot make a second job.

With OUTBOX on, the job is put down in the transaction itself, where that is on the outbox's database: it commits with
it, and whatever becomes of the store and of this process, it is brought to the store. What the store can never take
stays in the outbox as refused, and a job whose deduplication key is taken ends as cancelled, as with those that are
sent later; either is raised as well, after the commit.

Without, if the store is away even then, an error with the job's id is logged, and the exception
comes out of the block whose end committed, like that of any `transaction.on_commit` function: the transaction stays
committed, the functions that were registered after this one are not called, and there is no job. With robust=True
it goes no further than the log.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Unpack

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from . import outbox
from .errors import InvalidJob, QueueFlowError, StoreError, StoreUnavailable
from .logs import get_logger
from .manager import QueueManager
from .requests import JobOptions, JobSpec
from .types import Enqueued, JobRequest

_log = get_logger(__name__)


def enqueue_on_commit(
    type: str,  # noqa: A002 - as in QueueManager.enqueue
    payload: object = None,
    *,
    using: str | None = None,
    robust: bool = False,
    manager: QueueManager | None = None,
    **options: Unpack[JobOptions],
) -> str:
    """Return the id of a job that is enqueued once the transaction on the database `using` commits.

    The job may be put down in that transaction by its id. Outside of a transaction it is enqueued at once. `options`
    are those of `QueueManager.enqueue`, but on_duplicate="return" is refused: the id is made first. `manager`: the one
    to enqueue with, if not this process's own. Raises what an enqueue raises for a job that can never be accepted; what
    the store refuses after the commit is raised there, unless `robust`.
    """
    spec = JobSpec(type, payload, **options)
    return submit_on_commit(spec, using=using, robust=robust, manager=manager)


def submit_on_commit(
    spec: JobSpec,
    *,
    using: str | None = None,
    robust: bool = False,
    manager: QueueManager | None = None,
    then: Callable[[Enqueued], object] | None = None,
) -> str:
    """Do what `enqueue_on_commit` does for a spec, and call `then` when the store has the job."""
    if spec.on_duplicate == "return":
        raise InvalidJob("options.onDuplicate", "give reject: the id is made before it is known who holds the key")
    manager = manager or QueueManager()
    request = manager.prepare(spec)
    put_down = _put_down(manager, request, using)

    def send() -> None:  # no partial: where it is robust, Django asks a function that failed for its name
        _send(manager, request, put_down, then)

    transaction.on_commit(send, using=using, robust=robust)
    return request.id


def _put_down(manager: QueueManager, request: JobRequest, using: str | None) -> Enqueued | None:
    """What is said of the job when it lies in the outbox, in the transaction; None where it cannot.

    Raises StoreUnavailable when the outbox is full.
    """
    alias = using or DEFAULT_DB_ALIAS
    if not (manager.config.outbox and alias == outbox.alias() and connections[alias].in_atomic_block):
        return None
    [answer] = outbox.accept_in_transaction([outbox.Item(request)], manager.config, wake=False)
    if isinstance(answer, QueueFlowError):
        raise answer
    return answer


def _send(
    manager: QueueManager,
    request: JobRequest,
    put_down: Enqueued | None,
    then: Callable[[Enqueued], object] | None,
) -> None:
    try:
        answer = _sent(manager, request) if put_down is None else _forwarded(manager, request, put_down)
    except QueueFlowError as error:
        _log.error("the transaction is committed, but its job was not enqueued", jobId=request.id, type=request.type,
                   error=str(error))  # fmt: skip
        raise
    if then is not None:
        then(answer)


def _forwarded(manager: QueueManager, request: JobRequest, put_down: Enqueued) -> Enqueued:
    """Bring a job from the outbox into the store at once. Where that fails, whyever, a forwarder does it later."""
    try:
        [answer] = manager.store.producer.enqueue([request], outbox.seen_marker(request.id))
    except StoreError:
        outbox.ring()
        return put_down
    except QueueFlowError as error:
        outbox.keep_refused(request.id, error)
        raise
    if answer.duplicate_of:
        outbox.keep_duplicate(request.id, answer.duplicate_of)
    else:
        outbox.discard(request.id)
    return manager.taken(request, answer)


def _sent(manager: QueueManager, request: JobRequest) -> Enqueued:
    try:
        return manager.send(request)
    except StoreUnavailable as error:
        if error.kind != "connection":  # a frozen or full server will not have changed by now
            raise
    return manager.send(request)
