"""Random operations, crashes and lost replies against the real server, compared with the model, then audited."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import hypothesis.strategies as st
import msgspec
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
from jobs.errors import StoreUnavailable
from jobs.states import State
from jobs.store.codes import MoveCode, SettleCode
from jobs.store.consumer import Consumer
from jobs.store.outcomes import Failed
from jobs.types import Claim, Envelope, Priority
from tests.store.model import LEASE_MS, MAX_RELEASES, RETENTION_MAX, Model, ModelJob
from tests.support.breaking import Losing
from tests.support.jobs import (
    DUTY,
    LOST,
    StoreKit,
    completed,
    discarded,
    failed,
    parked,
    released,
    request,
    snoozed,
)
from tests.support.server import TestServer

QUEUES = ("default", "mail")
DELAY = st.sampled_from([0, 90_000, 150_000])  # half a minute away from any time that passes
SOME_QUEUE = st.sampled_from(QUEUES)
WHICH = st.integers(0, 10_000)  # picks from whatever there is
PICKS = st.lists(WHICH, min_size=1, max_size=4)
RETRY = st.tuples(st.sampled_from(["", *QUEUES]), st.booleans())
LOSSY = st.integers(0, 4).map(lambda number: number == 0)
JOB = st.fixed_dictionaries(
    {
        "queue": SOME_QUEUE,
        "priority": st.sampled_from(Priority),
        "delay_ms": st.sampled_from([0, 0, 0, 90_000, 150_000]),
        "max_retries": st.integers(0, 2),
        "retention_ms": st.sampled_from([-1, -1, 0, 90_000]),
        "deduplication_key": st.sampled_from(["", "", "a", "b"]),
        "deduplication_ttl_ms": st.sampled_from([0, 0, 90_000]),
    }
)


class Way(NamedTuple):
    """A way out of `active`: what a worker sends of a claim, and what the model makes of the job."""

    item: Callable[[Claim, int, bool], object]
    expect: Callable[[Model, ModelJob, int, bool], SettleCode]


SETTLING: dict[str, Way] = {
    "complete": Way(
        lambda claim, _, flag: completed(claim, b"1" * 50 * flag), lambda model, job, *_: model.complete(job)
    ),
    "fail": Way(
        lambda claim, delay, flag: failed(claim, delay_ms=delay, final=flag),
        lambda model, job, delay, flag: model.fail(job, delay, final=flag),
    ),
    "release": Way(lambda claim, _, flag: released(claim, started=flag), lambda model, job, *_: model.release(job)),
    "snooze": Way(
        lambda claim, delay, _: snoozed(claim, delay), lambda model, job, delay, _: model.put_off(job, delay, "snoozed")
    ),
    "park": Way(
        lambda claim, delay, _: parked(claim, delay), lambda model, job, delay, _: model.put_off(job, delay, "parked")
    ),
    "discard": Way(lambda claim, *_: discarded(claim), lambda model, job, *_: model.discard(job)),
}


class StoreMachine(RuleBasedStateMachine):
    """The store and its model, side by side."""

    def __init__(self, url: str, config: Config) -> None:
        super().__init__()
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

    @initialize()
    def hire(self) -> None:
        """Begin with three workers."""
        for _ in range(3):
            self._hire()

    @rule(
        jobs=st.lists(JOB, min_size=1, max_size=4),
        lossy=LOSSY,
    )
    def enqueue(self, jobs: list[dict[str, Any]], lossy: bool) -> None:
        """Enqueue new jobs, twice if the first answer was lost."""
        batch = []
        for options in jobs:
            made = request(f"job-{len(self.ids)}", **options)
            self.ids.append(made.id)
            batch.append(made)
        if lossy:
            self.kit.producer.enqueue(batch)
        for made, answer in zip(batch, self.kit.producer.enqueue(batch), strict=True):
            holder = self.model.enqueue(made)
            assert answer.duplicate_of == holder
            assert answer.created is (not holder and not lossy)
            if not holder:
                self._place(self.model.jobs[made.id])

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
        worker = self.workers[which % len(self.workers)]
        queues = list(QUEUES) if both else [queue]
        lines = self.model.claimable(queues)
        claims = self._ask(worker, "claim", lambda: worker.claim([(name, 1) for name in queues], want), lossy)
        assert len(claims) == min(want, sum(len(line) for line in lines.values()))
        for claim in claims:
            job = lines[claim.record.queue, claim.record.priority].pop(0)
            assert job.id == claim.id
            self.model.claim(job, claim.token)
            self.claims.append((worker, claim))

    @rule(picks=PICKS, verb=st.sampled_from(sorted(SETTLING)), delay=DELAY, flag=st.booleans(), lossy=LOSSY)
    @precondition(lambda self: self.claims)
    def settle(self, picks: list[int], verb: str, delay: int, flag: bool, lossy: bool) -> None:
        """Settle claims of one worker, stale ones and repeated ones among them."""
        worker, claims = self._pick(picks)
        ways = SETTLING[verb]
        expected = self._expect(claims, lambda job: ways.expect(self.model, job, delay, flag))
        if verb == "complete":
            self.model.trim(expected.count(SettleCode.OK))
        items = [ways.item(claim, delay, flag) for claim in claims]
        assert self._ask(worker, verb, lambda: getattr(worker, verb)(items), lossy) == expected

    @rule(picks=PICKS, verb=st.sampled_from(sorted(SETTLING)), delay=DELAY, flag=st.booleans(), lossy=LOSSY)
    @precondition(lambda self: self.claims)
    def settle_more(self, **how: Any) -> None:
        """Settle as often as jobs are made and claimed."""
        self.settle(**how)

    @rule(picks=PICKS)
    @precondition(lambda self: self.claims)
    def renew(self, picks: list[int]) -> None:
        """Renew leases and report of one worker's jobs."""
        worker, claims = self._pick(picks)
        worker.report([(claim, "50", ["a line"]) for claim in claims])
        expected = self._expect(claims, self.model.renew)
        assert worker.renew(claims) == expected

    @rule(which=WHICH, verb=st.sampled_from(["cancel", "cancel", "retry", "retry", "run_now", "delete"]), how=RETRY)
    def administer(self, which: int, verb: str, how: tuple[str, bool]) -> None:
        """Do what a person does, to any job or to one for which it is meant."""
        job_id = self._any(which, {"retry": State.DEAD, "run_now": State.RETRYING}.get(verb, State.ACTIVE))
        if verb == "retry":
            envelope = Envelope(b"[1]", 1000) if how[1] else None
            code = self.kit.operator.retry([job_id], queue=how[0], envelope=envelope)[0].code
            assert code is self.model.retry(job_id, how[0], edited=how[1])
        else:
            code = getattr(self.kit.operator, verb)([job_id])[0].code
            assert code is getattr(self.model, verb)(job_id)
        if code is MoveCode.DONE and job_id in self.model.jobs:
            self._place(self.model.jobs[job_id])

    @rule(minutes=st.integers(0, 2))
    def maintain(self, minutes: int) -> None:
        """Let time pass, then promote, reap and prune. Keys lapse by the server's clock, which stands still here."""
        self.kit.advance(60_000 * minutes)
        for key in self.model.advance(60_000 * minutes):
            self.kit.client.call("DEL", self.kit.keys.deduplication(key))
        self._promote()
        lost = self.model.lost()
        assert set(self.kit.reap(delay_ms=90_000)) == {job.id for job in lost}
        self.model.lose(lost)
        self._prune()

    @rule(minutes=st.integers(1, 2))
    def pass_time(self, minutes: int) -> None:
        """Let time pass without anybody noticing."""
        self.kit.advance(60_000 * minutes)
        for key in self.model.advance(60_000 * minutes):
            self.kit.client.call("DEL", self.kit.keys.deduplication(key))

    @rule(which=WHICH, seen=st.booleans())
    def crash(self, which: int, seen: bool) -> None:
        """A worker forgets everything, and another takes its place; if it was seen, its jobs are reaped at once."""
        gone = self.workers.pop(which % len(self.workers))
        self.claims = [pair for pair in self.claims if pair[0] is not gone]
        self._hire()
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

    @invariant()
    def jobs_are_as_the_model_says(self) -> None:
        """Compare every job."""
        records = dict(zip(self.ids, self.kit.reader.records(self.ids), strict=True))
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

    def teardown(self) -> None:
        """Audit, and compare the totals and who owns which key."""
        try:
            report = audit(self.kit.store)
            assert report.clean, report.findings
            totals = Counter(self.kit.reader.totals())
            assert totals == +self.model.totals
            for key in "ab":
                owner = self.kit.client.call("GET", self.kit.keys.deduplication(key))
                assert (owner.decode() if owner else None) == self.model.keys.get(key)
        finally:
            self.kit.close()

    def _hire(self) -> None:
        worker = self.kit.worker()
        worker._channel = Losing(worker._channel)  # type: ignore[assignment]
        self.workers.append(worker)

    def _ask(self, worker: Consumer, name: str, call: Callable[[], Any], lossy: bool) -> Any:
        """The answer to a worker's request, by a repeat if the first one is to be lost."""
        if not lossy:
            return call()
        worker._channel.lose(name)  # type: ignore[attr-defined]
        try:
            call()
        except StoreUnavailable:
            return worker.repeat()
        raise AssertionError("the reply was not lost")

    def _pick(self, picks: list[int]) -> tuple[Consumer, list[Claim]]:
        """Claims of one worker, live ones first, but every fifth time a stale one if there is any."""
        live = [pair for pair in self.claims if self._held(pair[1])]
        worker = (live or self.claims)[picks[0] % len(live or self.claims)][0]
        held = [claim for holder, claim in live if holder is worker]
        theirs = [claim for holder, claim in self.claims if holder is worker]
        chosen = [held if held and pick % 5 else theirs for pick in picks]
        return worker, [claims[pick % len(claims)] for pick, claims in zip(picks, chosen, strict=True)]

    def _held(self, claim: Claim) -> ModelJob | None:
        return self.model.held(claim.id, claim.token)

    def _expect(self, claims: list[Claim], act: Callable[[ModelJob], SettleCode]) -> list[SettleCode]:
        """What the model answers for each claim; one that is named twice counts once."""
        seen: set[str] = set()
        codes = []
        for claim in claims:
            job = None if claim.id in seen else self._held(claim)
            seen.add(claim.id)
            codes.append(act(job) if job else SettleCode.LEASE_LOST)
        return codes

    def _any(self, which: int, meant: State) -> str:
        """A job in the state that is meant, or any id if there is none, and every third time."""
        chosen = [job.id for job in self.model.jobs.values() if job.state is meant]
        ids = chosen if chosen and which % 3 else self.ids
        return ids[which // 3 % len(ids)]

    def _promote(self) -> None:
        expected = {job.id for job in self.model.due()}
        moved = self.kit.promote()
        assert set(moved) == expected
        for job_id in moved:
            self.model.run_now(job_id)
            self._place(self.model.jobs[job_id])

    def _prune(self) -> None:
        due = self.kit.keeper.expired_retention(250).jobs
        assert {job_id for job_id, _ in due} == {job.id for job in self.model.expired()}
        for job_id, record in due:
            self.kit.operator.delete([job_id], seen_in=record.state, counter="pruned", duty=DUTY, token=self.kit.lead())
            self.model.prune(self.model.jobs[job_id])

    def _place(self, job: ModelJob) -> None:
        """Note the place in line of a job that has just become pending: behind everything before it."""
        if job.state is State.PENDING:
            job.position = self.kit.record(job.id).position
            assert job.position > self.last_position
            self.last_position = job.position


def test_the_store_does_what_the_model_says(redis_server: TestServer, config: Config) -> None:
    class Machine(StoreMachine):
        def __init__(self) -> None:
            super().__init__(redis_server.url, config)

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=int(os.environ.get("QUEUEFLOW_MODEL_EXAMPLES", "150")),
            stateful_step_count=100,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
