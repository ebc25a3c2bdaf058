"""Random operations, crashes and lost replies against the real server, compared with the model, then audited."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from jobs.auditor import audit
from jobs.conf import Config
from jobs.states import State
from jobs.store.codes import MoveCode, SettleCode
from jobs.store.outcomes import Failed
from jobs.types import Envelope
from tests.store.model_ground import Ground
from tests.store.model_inputs import DELAY, JOB, LOSSY, PICKS, QUEUES, RETRY, SETTLING, SOME_QUEUE, TYPES, WHICH
from tests.support.jobs import (
    DUTY,
    LOST,
    request,
)
from tests.support.server import TestServer


class StoreMachine(RuleBasedStateMachine):
    """Random operations on both; each must answer alike."""

    def __init__(self, url: str, config: Config) -> None:
        super().__init__()
        self.ground = Ground(url, config)
        self.kit, self.model = self.ground.kit, self.ground.model

    @initialize()
    def hire(self) -> None:
        """Begin with three workers."""
        for _ in range(3):
            self.ground.hire()

    @rule(
        jobs=st.lists(JOB, min_size=1, max_size=4),
        lossy=LOSSY,
    )
    def enqueue(self, jobs: list[dict[str, Any]], lossy: bool) -> None:
        """Enqueue new jobs, twice if the first answer was lost."""
        batch = []
        for options in jobs:
            made = request(f"job-{len(self.ground.ids)}", **options)
            self.ground.ids.append(made.id)
            batch.append(made)
        if lossy:
            self.kit.producer.enqueue(batch)
        for made, answer in zip(batch, self.kit.producer.enqueue(batch), strict=True):
            holder = self.model.enqueue(made)
            assert answer.duplicate_of == holder
            assert answer.created is (not holder and not lossy)
            if not holder:
                self.ground.place(self.model.jobs[made.id])

    @rule(which=WHICH)
    def enqueue_again(self, which: int) -> None:
        """Repeat the id of a job that is there: nothing happens."""
        there = sorted(self.model.jobs)
        if there:
            again = request(there[which % len(there)], deduplication_key="a")
            (answer,) = self.kit.producer.enqueue([again])
            assert not answer.created
            assert answer.state is self.model.jobs[again.id].state

    @rule(which=WHICH, want=st.integers(1, 6), both=st.booleans(), queue=SOME_QUEUE, lossy=LOSSY)
    def claim(self, which: int, want: int, both: bool, queue: str, lossy: bool) -> None:
        """Claim some jobs: as many as there are, each line in its order."""
        worker = self.ground.workers[which % len(self.ground.workers)]
        queues = list(QUEUES) if both else [queue]
        lines = self.model.claimable(queues)
        claims = self.ground.ask(worker, "claim", lambda: worker.claim([(name, 1) for name in queues], want), lossy)
        assert len(claims) == min(want, sum(len(line) for line in lines.values()))
        for claim in claims:
            job = lines[claim.record.queue, claim.record.priority].pop(0)
            assert job.id == claim.id
            self.model.claim(job, claim.token)
            self.ground.claims.append((worker, claim))

    @rule(picks=PICKS, verb=st.sampled_from(sorted(SETTLING)), delay=DELAY, flag=st.booleans(), lossy=LOSSY)
    @precondition(lambda self: self.ground.claims)
    def settle(self, picks: list[int], verb: str, delay: int, flag: bool, lossy: bool) -> None:
        """Settle claims of one worker, stale ones and repeated ones among them."""
        worker, claims = self.ground.pick(picks)
        ways = SETTLING[verb]
        expected = self.ground.expect(claims, lambda job: ways.expect(self.model, job, delay, flag))
        if verb == "complete":
            self.model.trim(expected.count(SettleCode.OK))
        items = [ways.item(claim, delay, flag) for claim in claims]
        assert self.ground.ask(worker, verb, lambda: getattr(worker, verb)(items), lossy) == expected

    @rule(picks=PICKS, verb=st.sampled_from(sorted(SETTLING)), delay=DELAY, flag=st.booleans(), lossy=LOSSY)
    @precondition(lambda self: self.ground.claims)
    def settle_more(self, **how: Any) -> None:
        """Settle as often as jobs are made and claimed."""
        self.settle(**how)

    @rule(picks=PICKS)
    @precondition(lambda self: self.ground.claims)
    def renew(self, picks: list[int]) -> None:
        """Renew leases and report of one worker's jobs."""
        worker, claims = self.ground.pick(picks)
        worker.report([(claim, "50", ["a line"]) for claim in claims])
        expected = self.ground.expect(claims, self.model.renew)
        assert worker.renew(claims) == expected

    @rule(which=WHICH, verb=st.sampled_from(["cancel", "cancel", "retry", "retry", "run_now", "delete"]), how=RETRY)
    def administer(self, which: int, verb: str, how: tuple[str, bool]) -> None:
        """Do what a person does, to any job or to one for which it is meant."""
        job_id = self.ground.any(which, {"retry": State.DEAD, "run_now": State.RETRYING}.get(verb, State.ACTIVE))
        if verb == "retry":
            envelope = Envelope(b"[1]", 1000) if how[1] else None
            code = self.kit.operator.retry([job_id], queue=how[0], envelope=envelope)[0].code
            assert code is self.model.retry(job_id, how[0], edited=how[1])
        else:
            code = getattr(self.kit.operator, verb)([job_id])[0].code
            assert code is getattr(self.model, verb)(job_id)
        if code is MoveCode.DONE and job_id in self.model.jobs:
            self.ground.place(self.model.jobs[job_id])

    @rule(minutes=st.integers(0, 2))
    def maintain(self, minutes: int) -> None:
        """Let time pass, then promote, reap and prune. Keys lapse by the server's clock, which stands still here."""
        self.kit.advance(60_000 * minutes)
        for key in self.model.advance(60_000 * minutes):
            self.kit.client.call("DEL", self.kit.keys.deduplication(key))
        self.ground.promote()
        lost = self.model.lost()
        assert set(self.kit.reap(delay_ms=90_000)) == {job.id for job in lost}
        self.model.lose(lost)
        self.ground.prune()

    @rule(minutes=st.integers(1, 2))
    def pass_time(self, minutes: int) -> None:
        """Let time pass without anybody noticing."""
        self.kit.advance(60_000 * minutes)
        for key in self.model.advance(60_000 * minutes):
            self.kit.client.call("DEL", self.kit.keys.deduplication(key))

    @rule(which=WHICH, seen=st.booleans())
    def crash(self, which: int, seen: bool) -> None:
        """A worker forgets everything, and another takes its place; if it was seen, its jobs are reaped at once."""
        gone = self.ground.workers.pop(which % len(self.ground.workers))
        self.ground.claims = [pair for pair in self.ground.claims if pair[0] is not gone]
        self.ground.hire()
        if seen:
            lost = self.model.held_by(gone._incarnation)
            claims = self.kit.keeper.held_by(gone._incarnation)
            assert {claim.id for claim in claims} == {job.id for job in lost}
            items = [Failed(claim, 0, 0, LOST, 90_000) for claim in claims]
            self.kit.keeper.reap(DUTY, "", items, forced=True)
            self.model.lose(lost)

    @rule(queue=SOME_QUEUE)
    def pause_or_resume(self, queue: str) -> None:
        """Pause a queue, or resume it."""
        if queue in self.model.paused:
            assert self.kit.operator.resume(queue)
            self.model.paused.discard(queue)
        else:
            assert self.kit.operator.pause(queue)
            self.model.paused.add(queue)

    @rule(job_type=st.sampled_from(TYPES), verb=st.sampled_from(["pause", "resume", "step", "step"]), most=WHICH)
    def pause_or_resume_type(self, job_type: str, verb: str, most: int) -> None:
        """Pause a type, resume it, or begin to and go no further than a few jobs."""
        before = self.model.paused_types.get(job_type)
        if verb == "pause":
            assert self.kit.type_pauses.pause(job_type) is (before != -1)
            self.model.paused_types[job_type] = -1
        elif verb == "resume":
            assert self.kit.type_pauses.resume(job_type, 60.0) is (before is not None)
            self.model.paused_types.pop(job_type, None)
        else:
            self.ground.resume_a_step(job_type, most % 3 + 1)

    @rule(how=st.sampled_from(["begin", "fill", "end"]))
    def keep_tags(self, how: str) -> None:
        """Let the index of tags be kept, be whole, or be kept no longer."""
        self.ground.keep_tags(how)

    @invariant()
    def jobs_are_as_the_model_says(self) -> None:
        """Compare every job."""
        records = dict(zip(self.ground.ids, self.kit.reader.records(self.ground.ids), strict=True))
        assert {job_id for job_id, record in records.items() if record} == set(self.model.jobs)
        for job_id, job in self.model.jobs.items():
            record = records[job_id]
            assert record is not None
            assert (
                record.state, record.queue, record.attempts, record.executions, record.releases, record.snoozes,
                record.version, record.cancelling,
            ) == (
                job.state, job.queue, job.attempts, job.executions, job.releases, job.snoozes, job.version,
                int(job.cancelling),
            ), job_id  # fmt: skip
        self.ground.check_tags()

    def teardown(self) -> None:
        """Audit, and compare the totals and who owns which key."""
        try:
            self.ground.check_lists()
            report = audit(self.kit.store)
            assert report.clean, report.findings
            totals = Counter(self.kit.reader.totals())
            assert totals == +self.model.totals
            for key in "ab":
                owner = self.kit.client.call("GET", self.kit.keys.deduplication(key))
                assert (owner.decode() if owner else None) == self.model.keys.get(key)
        finally:
            self.kit.close()


@pytest.mark.timeout(400)
def test_the_store_does_what_the_model_says(redis_server: TestServer, config: Config) -> None:
    class Machine(StoreMachine):
        def __init__(self) -> None:
            super().__init__(redis_server.url, config)

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=int(os.environ.get("QUEUEFLOW_MODEL_EXAMPLES", "60")),
            stateful_step_count=100,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
