"""What a handler knows of the job it runs: passed as its `job` argument, and at hand everywhere as `current_job`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Final, NoReturn, Protocol, cast

from structlog.typing import FilteringBoundLogger

from jobs.clock import to_datetime
from jobs.fingerprint import clean_text
from jobs.logs import get_logger
from jobs.types import Claim, Priority

from .metric import checked_metric

MAX_LINES: Final = 200
MAX_LINE_BYTES: Final = 1024

_running: ContextVar[JobContext] = ContextVar("queueflow_job")


class Reporter(Protocol):
    """Takes what a handler reports to the store, within its limits, from any thread, without blocking."""

    def progress(self, percent: float, message: str) -> None: ...

    def log(self, lines: list[str]) -> None: ...

    def metric(self, series: str, value: float) -> None: ...


class JobContext:
    """One execution of a job. The worker makes it; a handler reads it and reports through it."""

    __slots__ = ("_claim", "_logger", "_reporter", "worker")

    def __init__(self, claim: Claim, reporter: Reporter, worker: str = "") -> None:
        self._claim = claim
        self._reporter = reporter
        self._logger: FilteringBoundLogger | None = None
        self.worker = worker or claim.record.worker

    @property
    def id(self) -> str:
        """The job's id, the same for all its attempts: good for making side effects idempotent."""
        return self._claim.id

    @property
    def type(self) -> str:
        """The job type, which names its handler."""
        return self._claim.record.type

    @property
    def attempt(self) -> int:
        """Which attempt this is, from 1; the last is `max_retries + 1`."""
        return self._claim.record.attempts

    @property
    def max_retries(self) -> int:
        """How many attempts may follow the first."""
        return self._claim.record.max_retries

    @property
    def is_last_attempt(self) -> bool:
        """True when a failure now would end in the dead-letter queue."""
        return self.attempt > self.max_retries

    @property
    def execution(self) -> int:
        """Counts every start, also those that spent no attempt; from 1, never goes back."""
        return self._claim.record.executions

    @property
    def queue(self) -> str:
        """The queue it was claimed from."""
        return self._claim.record.queue

    @property
    def priority(self) -> Priority:
        """Its priority."""
        return self._claim.record.priority

    @property
    def created_at(self) -> datetime:
        """When it was enqueued; aware, in UTC."""
        return to_datetime(self._claim.record.created)

    @property
    def tags(self) -> tuple[str, ...]:
        """Its tags."""
        return self._claim.envelope.tags if self._claim.envelope else ()

    @property
    def logger(self) -> FilteringBoundLogger:
        """A structlog logger whose lines carry jobId, type, attempt and worker."""
        if self._logger is None:
            self._logger = get_logger("jobs.handler").bind(
                jobId=self.id, type=self.type, attempt=self.attempt, worker=self.worker
            )
        return self._logger

    def update_progress(self, percent: float, message: str = "") -> None:
        """Report how far the job is, from 0 to 100 (cut to that range), and a word on it (cut to 1 KiB).

        Reports may come as often as they like: at most two a second reach the store. Raises ValueError for what is no
        number.
        """
        number = float(min(max(percent, 0), 100))
        if math.isnan(number):
            raise ValueError("progress is a number from 0 to 100, not NaN")
        self._reporter.progress(number, clean_text(str(message), MAX_LINE_BYTES))

    def log(self, text: str) -> None:
        """Add to the job's own log, of which the last 200 lines are kept, each cut to 1 KiB."""
        lines = str(text).splitlines()[-MAX_LINES:] or [""]
        self._reporter.log([clean_text(line, MAX_LINE_BYTES) for line in lines])

    def metric(self, name: str, value: float, labels: Mapping[str, object] | None = None) -> None:
        """Report a figure of this job type's own; /api/metrics shows it as `queueflow_job_metric_<name>`.

        A name that ends in `_total` counts: values, 0 or more, add up. Any other one is a gauge: the latest stands.
        A type has at most 50 series, each a name with its labels; what goes beyond is dropped and counted. Raises
        ValueError for a name, label or value that cannot be.
        """
        self._reporter.metric(*checked_metric(name, value, labels or {}))

    def __bool__(self) -> bool:
        return True  # said aloud because `current_job`, which stands for a job, is false where none runs

    def __repr__(self) -> str:
        return f"<Job {self.id} {self.type} attempt {self.attempt}>"


class _CurrentJob:
    """Stands for the job that this thread or task runs; false outside of one."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        job = _running.get(None)
        if job is not None:
            return getattr(job, name)
        if name.startswith("__"):  # asked by inspect, copy and the like, which expect this answer
            raise AttributeError(name)
        raise RuntimeError(
            f"current_job.{name}: no job runs here. It is known in the thread or task that runs the handler, "
            "and in what inherits its context (asyncio tasks, asyncio.to_thread)."
        )

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a job's {name} cannot be set")

    def __bool__(self) -> bool:
        return _running.get(None) is not None

    def __repr__(self) -> str:
        job = _running.get(None)
        return "<no current job>" if job is None else repr(job)


current_job: JobContext = cast(JobContext, _CurrentJob())


@contextmanager
def use_job(job: JobContext) -> Iterator[JobContext]:
    """Make `current_job` mean `job` inside the block, in this thread or task and what inherits its context."""
    token = _running.set(job)
    try:
        yield job
    finally:
        _running.reset(token)
