"""Carries out bulk operations: a slice of each open one in turn, so that a long one holds up no other."""

from __future__ import annotations

import time
from typing import Final

from msgspec.structs import replace

from jobs.clock import Clock, SystemClock
from jobs.errors import StoreMisconfigured, StoreUnavailable
from jobs.logs import get_logger
from jobs.store.fencing import NotLeading
from jobs.store.operation import MOST_SAMPLES, Cursor, Operation, Problem, Status
from jobs.store.store import Store

from .acting import act
from .duty import AT_ONCE, Duty, Result
from .leadership import Leadership
from .pace import Pace
from .walk import Page, Walk

log = get_logger(__name__)
NAME: Final = "operations"
PAGE: Final = 125  # retries of so many hold the server up for 5 ms; everybody else waits meanwhile
SLICE_SECONDS: Final = 0.2  # for one operation before the next has its turn
RUN_SECONDS: Final = 0.4  # for all of them before the lease is renewed and wishes are looked at again
LOOK_SECONDS: Final = 0.5  # the longest wait before new operations and wishes to abort are seen


class BulkOperations(Duty):
    """The one runner of bulk operations. Progress is saved after each piece; another leader goes on from there.

    A piece that was acted on but not saved when a leader died is missing from `done`: no job is acted on twice, as
    what was acted on has left the set.
    """

    def __init__(self, store: Store, leadership: Leadership, clock: Clock | None = None) -> None:
        self._store = store
        self._leadership = leadership
        self._clock = clock or SystemClock()
        self._walks: dict[str, Walk] = {}
        self._paces: dict[str, Pace] = {}
        self._last = ""  # the operation that had its turn last

    def run_once(self) -> Result:
        """Advance open operations by a slice each, as many as there is time for; end those to be aborted at once."""
        until = time.monotonic() + RUN_SECONDS
        done, wait = 0, LOOK_SECONDS
        unfinished = []
        for operation, abort in self._store.operations.unfinished():
            if abort is None:
                unfinished.append(operation)
            else:
                self._close(replace(operation, status=Status.ABORTED, aborted_by=abort))
        for operation in sorted(unfinished, key=lambda each: (each.id <= self._last, each.id)):
            if time.monotonic() > until:
                return Result(done, AT_ONCE)
            advanced = self._turn(operation)
            done += advanced.done - operation.done
            self._last = operation.id
            if not advanced.status.is_over:
                wait = min(wait, self._paces[operation.id].wait)
        return Result(done, wait)

    def _turn(self, operation: Operation) -> Operation:
        until = time.monotonic() + SLICE_SECONDS
        try:
            self._prepare(operation)
            while not operation.status.is_over and time.monotonic() < until and self._paces[operation.id].wait == 0:
                operation = self._advance(operation)
        except (StoreUnavailable, StoreMisconfigured, NotLeading):
            raise
        except Exception as error:
            log.error("a bulk operation failed", operation=operation.id, exc_info=error)
            return self._close(
                replace(operation, status=Status.FAILED, error=f"{type(error).__name__}: {error}"[:1000])
            )
        return operation

    def _prepare(self, operation: Operation) -> None:
        if operation.id not in self._walks:
            self._walks[operation.id] = Walk(self._store, operation)
            self._paces[operation.id] = Pace(operation.rate, self._clock)

    def _advance(self, operation: Operation) -> Operation:
        page = self._walks[operation.id].page(operation.cursor, PAGE)
        if operation.status is Status.COUNTING:
            return self._save(_counted(operation, page))
        pace = self._paces[operation.id]
        quota = pace.allowed(len(page.found))
        piece, rest = page.found[:quota], page.found[quota:]
        outcome = act(self._store, operation, piece, self._leadership)
        pace.spent(len(piece))
        problems = outcome.problems if rest else [*outcome.problems, *_missed(operation, page)]
        operation = replace(
            operation,
            done=operation.done + outcome.done,
            failed=operation.failed + len(problems),
            samples=(*operation.samples, *problems)[:MOST_SAMPLES],
            cursor=piece[-1].cursor if rest else page.after,
        )
        if page.end and not rest:
            return self._close(replace(operation, status=Status.DONE))
        return self._save(operation)

    def _save(self, operation: Operation) -> Operation:
        self._store.operations.save(NAME, self._leadership.token, operation)
        return operation

    def _close(self, operation: Operation) -> Operation:
        operation = self._save(replace(operation, finished=self._store.reader.now_ms()))
        self._walks.pop(operation.id, None)
        self._paces.pop(operation.id, None)
        log.info(
            "a bulk operation is over", operation=operation.id, action=operation.action, status=operation.status,
            done=operation.done, failed=operation.failed,
        )  # fmt: skip
        return operation


def _counted(operation: Operation, page: Page) -> Operation:
    total = (operation.total or 0) + len(page.found)
    if page.end:
        return replace(operation, total=total, status=Status.RUNNING, cursor=Cursor())
    return replace(operation, total=total, cursor=page.after)


def _missed(operation: Operation, page: Page) -> list[Problem]:
    detail = f"there is no such job in a state to {operation.action}"
    return [Problem(job_id, "not_found", detail) for job_id in page.missed]
