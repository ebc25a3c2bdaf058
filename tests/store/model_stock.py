"""What of the model's jobs somebody may ask for, by what they are and by the time."""

from __future__ import annotations

from dataclasses import dataclass, field

from jobs.states import State
from jobs.types import Priority
from tests.store.model_job import ModelJob

PROMOTABLE = (State.SCHEDULED, State.RETRYING)


@dataclass
class Stock:
    """All jobs that should be there, what is paused, and the time."""

    now: int = 0
    jobs: dict[str, ModelJob] = field(default_factory=dict)
    paused: set[str] = field(default_factory=set)
    paused_types: dict[str, int] = field(default_factory=dict)  # and up to which position jobs may run: -1 none

    def claimable(self, queues: list[str]) -> dict[tuple[str, Priority], list[ModelJob]]:
        """What a claim from some queues can get, in the order in which it must come."""
        lines: dict[tuple[str, Priority], list[ModelJob]] = {}
        for job in sorted(self.jobs.values(), key=lambda each: each.position):
            if self.may_run(job) and job.queue in queues:
                lines.setdefault((job.queue, job.priority), []).append(job)
        return lines

    def may_run(self, job: ModelJob) -> bool:
        """Whether somebody may claim a job."""
        held = job.type in self.paused_types and job.position > self.paused_types[job.type]
        return job.state is State.PENDING and job.queue not in self.paused and not held

    def held(self, job_id: str, token: str) -> ModelJob | None:
        """The job, if the token is that of its claim."""
        job = self.jobs.get(job_id)
        return job if job and job.state is State.ACTIVE and job.token == token else None

    def due(self) -> list[ModelJob]:
        """Jobs to promote."""
        return [job for job in self.jobs.values() if job.state in PROMOTABLE and job.due <= self.now]

    def lost(self) -> list[ModelJob]:
        """Jobs to reap."""
        return [job for job in self.jobs.values() if job.state is State.ACTIVE and job.deadline <= self.now]

    def expired(self) -> list[ModelJob]:
        """Jobs whose own retention has passed."""
        return [
            job
            for job in self.jobs.values()
            if job.state in (State.COMPLETED, State.CANCELLED)
            and job.retention >= 0
            and job.finished + job.retention <= self.now
        ]

    def held_by(self, incarnation: str) -> list[ModelJob]:
        """What one worker has in its hands."""
        return [
            job
            for job in self.jobs.values()
            if job.state is State.ACTIVE and job.token.partition(".")[0] == incarnation
        ]
