"""What the store promises, in plain Python: the model that random operations are compared with.

Times are the test's own: milliseconds by which the server's clock was moved. What a test does in between takes no time.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from jobs.states import State
from jobs.store.codes import MoveCode, SettleCode
from jobs.types import JobRequest
from tests.store.model_job import ModelJob
from tests.store.model_stock import PROMOTABLE, Stock

LEASE_MS = 90_000
MAX_RELEASES = 2
RETENTION_MAX = 6
WAITING = (State.SCHEDULED, State.PENDING, State.RETRYING)


@dataclass
class Model(Stock):
    """The stock of jobs with who owns which key and the totals, and every way in which it changes."""

    keys: dict[str, str] = field(default_factory=dict)
    totals: Counter[str] = field(default_factory=Counter)
    settled: int = 0
    keeps_tags: bool = False

    def enqueue(self, made: JobRequest) -> str:
        """Make a job. The answer is whose duplicate it would be, '' for none."""
        key, ttl = made.deduplication_key, made.deduplication_ttl_ms
        if key in self.keys:
            return self.keys[key]
        until = self.now + ttl if key and ttl else 0
        job = ModelJob(made.id, made.type, made.queue, made.priority, made.max_retries, made.retention_ms, key, until)
        if made.delay_ms:
            job.state, job.due = State.SCHEDULED, self.now + made.delay_ms
        job.tags, job.entered = made.envelope.tags, made.envelope.tags if self.keeps_tags else ()
        self.jobs[job.id] = job
        self._take(job)
        self.totals["created"] += 1
        return ""

    def claim(self, job: ModelJob, token: str) -> None:
        """Put a job into somebody's hands."""
        job.state, job.token, job.deadline = State.ACTIVE, token, self.now + LEASE_MS
        job.attempts += 1
        job.executions += 1
        self.totals["claimed"] += 1

    def complete(self, job: ModelJob) -> SettleCode:
        """Complete a held job."""
        self._settle(job, State.COMPLETED)
        if job.retention == 0:
            self._remove(job, "pruned")
        return SettleCode.OK

    def trim(self, completions: int) -> None:
        """Trim what a batch of completions makes too many."""
        kept = sorted((job for job in self.jobs.values() if job.state is State.COMPLETED), key=lambda job: job.order)
        for job in kept[: max(0, min(len(kept) - RETENTION_MAX, 2 * completions))]:
            self._remove(job, "pruned")

    def fail(self, job: ModelJob, delay: int, *, final: bool = False) -> SettleCode:
        """Fail a held job."""
        self.totals["failed"] += 1
        if job.cancelling:
            return self._cancel(job)
        if final or job.attempts > job.max_retries:
            self._settle(job, State.DEAD)
            return SettleCode.EXHAUSTED
        job.state, job.due = State.RETRYING, self.now + delay
        self.totals["retrying"] += 1
        return SettleCode.OK

    def release(self, job: ModelJob) -> SettleCode:
        """Give a held job back."""
        free = job.releases < MAX_RELEASES
        if not job.cancelling and not free and job.attempts > job.max_retries:
            return SettleCode.EXHAUSTED
        if job.cancelling:
            return self._cancel(job)
        job.attempts -= free
        job.releases += 1
        job.state = State.PENDING
        self.totals["released"] += 1
        return SettleCode.OK

    def put_off(self, job: ModelJob, delay: int, counter: str) -> SettleCode:
        """Snooze or park a held job."""
        if job.cancelling:
            return self._cancel(job)
        job.snoozes += counter == "snoozed"
        job.attempts -= 1
        job.state, job.due = State.SCHEDULED, self.now + delay
        self.totals[counter] += 1
        return SettleCode.OK

    def discard(self, job: ModelJob) -> SettleCode:
        """Give a held job up."""
        self._cancel(job)
        return SettleCode.OK

    def cancel(self, job_id: str) -> MoveCode:
        """Cancel a job."""
        job = self.jobs.get(job_id)
        if job is None:
            return MoveCode.GONE
        if job.state is State.ACTIVE:
            job.cancelling = True
            return MoveCode.FLAGGED
        if job.state not in WAITING:
            return MoveCode.WRONG_STATE
        self._cancel(job)
        return MoveCode.DONE

    def retry(self, job_id: str, queue: str, *, edited: bool) -> MoveCode:
        """Give a dead job a new budget."""
        job = self.jobs.get(job_id)
        if job is None:
            return MoveCode.GONE
        if job.state is not State.DEAD:
            return MoveCode.WRONG_STATE
        if job.key and not self._lapsed(job) and self.keys.get(job.key, job_id) != job_id:
            return MoveCode.TAKEN
        self._take(job)
        job.state, job.queue, job.attempts, job.releases = State.PENDING, queue or job.queue, 0, 0
        job.cancelling = False
        job.version += edited
        job.tags, job.entered = ((), ()) if edited else (job.tags, job.entered)
        self.totals["retried"] += 1
        return MoveCode.DONE

    def run_now(self, job_id: str) -> MoveCode:
        """Make a job claimable before its time."""
        job = self.jobs.get(job_id)
        if job is None:
            return MoveCode.GONE
        if job.state not in PROMOTABLE:
            return MoveCode.WRONG_STATE
        job.state = State.PENDING
        return MoveCode.DONE

    def delete(self, job_id: str) -> MoveCode:
        """Remove a job."""
        job = self.jobs.get(job_id)
        if job is None:
            return MoveCode.GONE
        if job.state is State.ACTIVE:
            return MoveCode.WRONG_STATE
        self._remove(job, "deleted")
        return MoveCode.DONE

    def lose(self, jobs: list[ModelJob]) -> None:
        """Reap jobs."""
        for job in jobs:
            self.fail(job, 90_000)
            self.totals["reaped"] += 1

    def renew(self, job: ModelJob) -> SettleCode:
        """Prolong a lease."""
        job.deadline = self.now + LEASE_MS
        return SettleCode.CANCELLED if job.cancelling else SettleCode.OK

    def prune(self, job: ModelJob) -> None:
        """Remove an expired job."""
        self._remove(job, "pruned")

    def advance(self, milliseconds: int) -> list[str]:
        """Let time pass; the keys that lapse."""
        self.now += milliseconds
        lapsed = [key for key, holder in self.keys.items() if self._lapsed(self.jobs[holder])]
        for key in lapsed:
            del self.keys[key]
        return lapsed

    def _take(self, job: ModelJob) -> None:
        if job.key and not self._lapsed(job):
            self.keys[job.key] = job.id

    def _lapsed(self, job: ModelJob) -> bool:
        return job.until != 0 and job.until <= self.now

    def _cancel(self, job: ModelJob) -> SettleCode:
        self._settle(job, State.CANCELLED)
        return SettleCode.CANCELLED

    def _settle(self, job: ModelJob, state: State) -> None:
        self.settled += 1
        job.state, job.finished, job.order = state, self.now, self.settled
        self.totals[state.label] += 1
        self._free(job)

    def _remove(self, job: ModelJob, counter: str) -> None:
        self._free(job)
        del self.jobs[job.id]
        self.totals[counter] += 1

    def _free(self, job: ModelJob) -> None:
        if self.keys.get(job.key) == job.id:
            del self.keys[job.key]
