"""What the tests of bulk operations share: dead jobs, and operations carried out."""

from __future__ import annotations

from collections.abc import Callable

from jobs.filtering import JobFilter
from jobs.maintenance.bulk import BulkOperations
from jobs.states import State
from jobs.store.operation import Operation
from jobs.types import Failure
from tests.support.jobs import StoreKit, failed

CarryOut = Callable[..., Operation]
DEAD = JobFilter(states=(State.DEAD,))


def finished(kit: StoreKit, bulk: BulkOperations, operation_id: str) -> Operation:
    """The operation when it is over."""
    while True:
        bulk.run_once()
        operation = kit.store.operations.get(operation_id)
        assert operation is not None
        if operation.status.is_over:
            return operation


def die(kit: StoreKit, count: int = 1, error: str = "boom", **options) -> list[str]:
    """The ids of jobs that have died of `error`, in the order of their deaths."""
    options.setdefault("type", "echo")
    worker, ids = kit.worker(), []
    failure = Failure("ValueError", error, "", f"{abs(hash(error)):016x}"[:16])
    kit.enqueue_many(count, **options)
    while claims := kit.claim(worker, 250, options.get("queue", "default")):
        worker.fail([failed(claim, failure, final=True) for claim in claims])
        ids += [claim.id for claim in claims]
    return ids
