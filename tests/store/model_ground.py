"""The store and its model side by side, and the steps that the random operations are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from jobs.conf import Config
from jobs.errors import StoreUnavailable
from jobs.states import State
from jobs.store import codec
from jobs.store.codes import SettleCode
from jobs.store.consumer import Consumer
from jobs.store.type_pauses import ENDED, NOT_PAUSED
from jobs.types import Claim, Priority
from tests.store.model import LEASE_MS, MAX_RELEASES, RETENTION_MAX, Model
from tests.store.model_inputs import QUEUES, TAGS
from tests.store.model_job import ModelJob
from tests.store.tagging import keep, keep_no_longer, listed, make_whole
from tests.support.breaking import Losing
from tests.support.jobs import DUTY, StoreKit


class Ground:
    """A real store, a model of it, and workers whose replies can get lost."""

    def __init__(self, url: str, config: Config) -> None:
        self.kit = StoreKit(url, config)
        self.kit.client.call("FLUSHALL")
        self.kit.limits = msgspec.structs.replace(
            self.kit.limits, lease_ms=LEASE_MS, max_releases=MAX_RELEASES, retention_max=RETENTION_MAX
        )
        self.model = Model()
        self.workers: list[Consumer] = []
        self.claims: list[tuple[Consumer, Claim]] = []  # also those that were lost or settled
        self.ids: list[str] = ["never made"]
        self.last_position = 0

    def hire(self) -> None:
        worker = self.kit.worker()
        worker._channel = Losing(worker._channel)  # type: ignore[assignment]
        self.workers.append(worker)

    def ask(self, worker: Consumer, name: str, call: Callable[[], Any], lossy: bool) -> Any:
        """The answer to a worker's request, by a repeat if the first one is to be lost."""
        if not lossy:
            return call()
        worker._channel.lose(name)  # type: ignore[attr-defined]
        try:
            call()
        except StoreUnavailable:
            return worker.repeat()
        raise AssertionError("the reply was not lost")

    def pick(self, picks: list[int]) -> tuple[Consumer, list[Claim]]:
        """Claims of one worker, live ones first, but every fifth time a stale one if there is any."""
        live = [pair for pair in self.claims if self.held(pair[1])]
        worker = (live or self.claims)[picks[0] % len(live or self.claims)][0]
        held = [claim for holder, claim in live if holder is worker]
        theirs = [claim for holder, claim in self.claims if holder is worker]
        chosen = [held if held and pick % 5 else theirs for pick in picks]
        return worker, [claims[pick % len(claims)] for pick, claims in zip(picks, chosen, strict=True)]

    def held(self, claim: Claim) -> ModelJob | None:
        return self.model.held(claim.id, claim.token)

    def expect(self, claims: list[Claim], act: Callable[[ModelJob], SettleCode]) -> list[SettleCode]:
        """What the model answers for each claim; one that is named twice counts once."""
        seen: set[str] = set()
        codes = []
        for claim in claims:
            job = None if claim.id in seen else self.held(claim)
            seen.add(claim.id)
            codes.append(act(job) if job else SettleCode.LEASE_LOST)
        return codes

    def any(self, which: int, meant: State) -> str:
        """A job in the state that is meant, or any id if there is none, and every third time."""
        chosen = [job.id for job in self.model.jobs.values() if job.state is meant]
        ids = chosen if chosen and which % 3 else self.ids
        return ids[which // 3 % len(ids)]

    def promote(self) -> None:
        expected = {job.id for job in self.model.due()}
        moved = self.kit.promote()
        assert set(moved) == expected
        for job_id in moved:
            self.model.run_now(job_id)
            self.place(self.model.jobs[job_id])

    def prune(self) -> None:
        due = self.kit.keeper.expired_retention(250).jobs
        assert {job_id for job_id, _ in due} == {job.id for job in self.model.expired()}
        for job_id, record in due:
            self.kit.operator.delete([job_id], seen_in=record.state, counter="pruned", duty=DUTY, token=self.kit.lead())
            self.model.prune(self.model.jobs[job_id])

    def resume_a_step(self, job_type: str, most: int) -> None:
        """Bring at most `most` held jobs of a type back; up to which place jobs may run now, the store says."""
        lines = [(queue, priority) for queue in QUEUES for priority in Priority]
        code, moved, missing = self.kit.type_pauses._step(job_type, lines, begin=True, most=most)  # type: ignore[arg-type]
        assert (moved <= most, missing) == (True, [])
        before = self.model.paused_types.pop(job_type, None)
        assert (code == NOT_PAUSED) is (before is None)
        if code not in (NOT_PAUSED, ENDED):
            up_to, _ = codec.pause_mark(self.kit.client.call("HGET", self.kit.keys.paused_types, job_type))
            assert before is not None
            assert up_to >= max(before, 0)
            self.model.paused_types[job_type] = up_to

    def keep_tags(self, how: str) -> None:
        """Let the index of tags be kept from now on, for all jobs, or no longer."""
        self.model.keeps_tags = how != "end"
        if how == "end":
            keep_no_longer(self.kit)
        elif how == "begin":
            keep(self.kit)
        else:
            make_whole(self.kit)
        for job in self.model.jobs.values():
            job.entered = job.tags if how == "fill" else job.entered

    def check_tags(self) -> None:
        """Compare the index of tags."""
        found = self.kit.client.pipeline([("ZRANGE", self.kit.keys.tagged(tag), 0, -1) for tag in TAGS])
        for tag, ids in zip(TAGS, found, strict=True):
            expected = {job.id.encode() for job in self.model.jobs.values() if tag in job.entered}
            assert set(ids) == expected, tag

    def check_lists(self) -> None:
        """Compare the lists of jobs by tag, which are right however far the index reaches."""
        for tags in (TAGS[:1], TAGS[1:], TAGS):
            meant = [
                job_id for job_id in self.ids if (job := self.model.jobs.get(job_id)) and set(tags) & set(job.tags)
            ]
            assert listed(self.kit, *tags) == meant[::-1]

    def place(self, job: ModelJob) -> None:
        """Note the place in line of a job that has just become pending: behind everything before it."""
        if job.state is State.PENDING:
            job.position = self.kit.record(job.id).position
            assert job.position > self.last_position
            self.last_position = job.position
