"""Runs one job: everything around the user's function that synchronous and asynchronous handlers have in common."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context
from time import monotonic
from typing import Any, Final

import structlog

from jobs.circuit import DependencyOpen
from jobs.errors import FlowSignal, InvalidJob, ResultNotSerializable
from jobs.events import EventName, announcer
from jobs.handlers.context import JobContext, use_job
from jobs.interrupts import CancelRequested
from jobs.logs import get_logger
from jobs.middleware import Chain
from jobs.payload import encode_result
from jobs.store.outcomes import Outcome

from . import verdicts
from .borders import Borders
from .held import Held, Stop
from .interrupt import Guard
from .news import event_of
from .reports import Voice
from .shared import Shared
from .table import ID_BYTES

RESULT_BYTES: Final = 1024 * 1024
_log = get_logger(__name__)


class Runner:
    """What executors call for each job. Outcomes go to the outbox; whatever a handler does ends there."""

    def __init__(self, shared: Shared, chain: Chain) -> None:
        self._shared = shared
        self._chain = chain
        self._forked = False
        self._context = Context()
        self._context.run(structlog.contextvars.bind_contextvars, worker=shared.worker)
        self.borders = Borders()

    def watch(self) -> None:
        """Notice database connections and forks. Once a process."""
        self.borders.watch()
        os.register_at_fork(after_in_child=self._note_fork)

    def context(self, held: Held) -> Context:
        """A context of the job's own: nothing that a handler sets in it outlives the job."""
        context = self._context.copy()
        context.run(structlog.contextvars.bind_contextvars, **held.names)
        return context

    def run(self, held: Held, guard: Guard) -> None:
        """Run a synchronous job in the calling thread. Raises nothing."""
        self.context(held).run(self._run, held, guard)

    async def run_async(self, held: Held, task: Any) -> None:
        """Run an asynchronous job as the current asyncio task, made in the job's `context`. Raises nothing.

        `task` is what `held.task.interrupt` will be called on; `task.disarm()` is called when user code is over,
        `task.thread` is where it runs.
        """
        call, job = self._begin(held, task)
        with use_job(job):
            try:
                self._check(held)
                self._chain.before_run(job)
                result: Any = await call(self._payload(held), job)
                self._chain.after_run(job, result)
                body = self._result(result)
                task.disarm()
                outcome = verdicts.returned(held, body)
            except BaseException as error:  # a job cannot end its worker
                task.disarm()
                outcome = self._raised(held, error)
        with suppress(asyncio.CancelledError):  # too late: user code is over
            await self.borders.cross_async()
        self._finish(held, outcome)

    def give_back(self, held: Held) -> None:
        """The job has not started and never will here."""
        self._shared.give_back(held)

    def _run(self, held: Held, guard: Guard) -> None:
        call, job = self._begin(held, guard)
        with use_job(job):
            try:
                try:
                    guard.arm(held)
                    self._check(held)
                    self._chain.before_run(job)
                    result = call(self._payload(held), job)
                    self._chain.after_run(job, result)
                    body = self._result(result)
                finally:
                    guard.disarm()
                outcome = verdicts.returned(held, body)
            except BaseException as error:  # a job cannot end its worker
                guard.disarm()
                outcome = self._raised(held, error)
        self.borders.cross()
        self._finish(held, outcome)

    def _begin(self, held: Held, task: Any) -> tuple[Callable[[Any, JobContext], Any], JobContext]:
        claim, handler = held.claim, held.handler
        assert handler is not None and claim.envelope is not None  # noqa: S101, PT018 - such jobs never get here
        shared = self._shared
        job = held.job = JobContext(claim, Voice(shared.reports, shared.measuring, held), shared.worker)
        held.task = task
        held.started = started = monotonic()
        held.deadline = deadline = started + claim.envelope.timeout_ms / 1000
        held.index = shared.table.begin(held.number, claim.id.encode()[:ID_BYTES], started, deadline, task.thread)
        shared.slots.entered(held)
        if announcer:
            announcer.announce(event_of(held, EventName.STARTED))
        return handler.call, job

    def _check(self, held: Held) -> None:
        if held.stop is Stop.CANCEL:
            raise CancelRequested

    def _payload(self, held: Held) -> object:
        assert held.handler is not None and held.claim.envelope is not None  # noqa: S101, PT018 - as in _begin
        try:
            return held.handler.decode(held.claim.envelope.payload)
        except InvalidJob as error:
            raise verdicts.BadPayload from error

    def _result(self, result: object) -> bytes:
        if result is None:
            return b""
        try:
            return encode_result(result, RESULT_BYTES)
        except ResultNotSerializable as error:
            raise verdicts.BadResult from error

    def _raised(self, held: Held, error: BaseException) -> Outcome:
        if self._forked:
            os._exit(error.code if verdicts.is_a(error, SystemExit) and isinstance(error.code, int) else 1)
        if held.job is not None and not verdicts.is_a(error, FlowSignal):
            self._chain.on_failure(held.job, error)
        if verdicts.is_a(error, DependencyOpen):
            self._shared.waiting.saw(held.claim, error)
        return verdicts.raised(held, error)

    def _finish(self, held: Held, outcome: Outcome) -> None:
        if self._forked:  # the handler forked, and this is the child: the job is not its business
            os._exit(0)
        shared = self._shared
        if shared.slots.left(held):
            held.outcome = outcome
            held.ended = ended = monotonic()
            shared.table.end(held.index, ended > held.deadline)
            shared.outbox.put(held)
        else:
            _log.warning("the job ended after it had been given back", **held.names, worker=shared.worker)

    def _note_fork(self) -> None:
        self._forked = True
