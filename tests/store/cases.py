"""One call of every script that writes: what it needs beforehand, and what its repeat answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jobs.filtering import JobFilter
from jobs.states import State
from jobs.store.buckets import Bucket
from jobs.store.codes import MoveCode
from jobs.store.history import Cursor, Mark, Tick
from jobs.store.history_bucket import HistoryBucket
from jobs.store.measures import Measure, series_of
from jobs.store.operation import Action
from jobs.store.outcomes import Failed
from jobs.store.pool_minute import Minute
from jobs.store.producer import Marker
from jobs.store.scaling import Kept, Outcome
from jobs.store.simulation import Simulation
from jobs.store.triage import Verdict
from jobs.types import Claim
from tests.store.stage import Stage
from tests.support.jobs import DUTY, LOST, completed, discarded, failed, parked, released, request, snoozed

SIMULATION = Simulation(id="s-1", pool="p", source="", strategies=("default",), started_by="", created=1)


@dataclass
class Case:
    """What a script needs beforehand, the call, and what its repeat answers where that is not the same."""

    prepare: Callable[[Stage], object]
    call: Callable[[Stage], object]
    repeated: object = None


def nothing(stage: Stage) -> None:
    """Prepare nothing."""


def settling(act: Callable[[Stage], object]) -> Case:
    """A way out of `active`."""
    return Case(Stage.claimed, act)


def reap(stage: Stage) -> object:
    """Reap the worker's job."""
    return stage.kit.keeper.reap(DUTY, stage.kit.lead(), [Failed(stage.claim, 0, 0, LOST, 1000)], forced=True)


def keep(stage: Stage) -> bool:
    """Let the index of tags be kept."""
    return stage.kit.store.tag_index.begin(DUTY, stage.kit.lead()) >= 0


def told(answers: list[Any]) -> list[tuple[str, State]]:
    """What a producer of jobs learns of each."""
    return [(answer.id, answer.state) for answer in answers]


def taken(claims: list[Claim]) -> list[tuple[str, str, int]]:
    """What two workers learn alike of what they claim."""
    return [(claim.id, claim.token.partition(".")[2], claim.record.attempts) for claim in claims]


def tick(stage: Stage) -> object:
    """Tick until leases may be reaped again."""
    while not stage.kit.keeper.tick(DUTY, stage.kit.lead(), 5000, 30_000):
        pass
    return True


def steps(*acts: Callable[[Stage], object]) -> Callable[[Stage], None]:
    """Do one thing after the other."""

    def prepare(stage: Stage) -> None:
        for act in acts:
            act(stage)

    return prepare


CASES: dict[str, Case] = {
    "enqueue": Case(
        keep,
        lambda s: told(
            s.kit.producer.enqueue([request("the-job", deduplication_key="k"), request("b", delay_ms=9, tags=("u",))])
        ),
    ),
    "enqueue_one": Case(
        steps(keep, lambda s: s.kit.enqueue("another")),
        lambda s: s.kit.producer.enqueue([request("the-job", tags=("t", "u"))])[0].id,
    ),
    "enqueue with a marker": Case(
        nothing, lambda s: s.kit.producer.enqueue([request("the-job")], Marker("k", "b", 60))[0].created
    ),
    "tags_begin": Case(lambda s: s.kit.enqueue("a", tags=("t",)), keep),
    "tags_fill": Case(
        steps(lambda s: s.kit.enqueue("the-job", tags=("t",)), keep),
        lambda s: s.kit.store.tag_index.fill(
            DUTY, s.kit.lead(), s.kit.store.tag_index.since() or 1, 0, [("the-job", 1, ("t",))]
        ),
        repeated=False,
    ),
    "tags_end": Case(keep, lambda s: s.kit.store.tag_index.end(DUTY, s.kit.lead()), repeated=False),
    "claim": Case(
        lambda s: s.kit.enqueue("the-job"),
        lambda s: taken(s.kit.claim(s.worker, 5)),
    ),
    "complete": settling(lambda s: s.worker.complete([completed(s.claim, b"1")])),
    "fail": settling(lambda s: s.worker.fail([failed(s.claim)])),
    "fail finally": settling(lambda s: s.worker.fail([failed(s.claim, final=True)])),
    "release": settling(lambda s: s.worker.release([released(s.claim, started=True)])),
    "snooze": settling(lambda s: s.worker.snooze([snoozed(s.claim)])),
    "park": settling(lambda s: s.worker.park([parked(s.claim)])),
    "discard": settling(lambda s: s.worker.discard([discarded(s.claim)])),
    "release when cancelled": Case(
        lambda s: s.claimed(cancelled=True), lambda s: s.worker.release([released(s.claim)])
    ),
    "snooze when cancelled": Case(lambda s: s.claimed(cancelled=True), lambda s: s.worker.snooze([snoozed(s.claim)])),
    "fail when cancelled": Case(lambda s: s.claimed(cancelled=True), lambda s: s.worker.fail([failed(s.claim)])),
    "complete without retention": Case(
        lambda s: s.claimed(retention_ms=0), lambda s: s.worker.complete([completed(s.claim, b"1")])
    ),
    "report": settling(lambda s: s.worker.report([(s.claim, "50", ["a line"])])),
    "report measures": Case(
        nothing, lambda s: s.worker.report((), [Measure("echo", series_of("rows_total", {}), 2.0)], 3)
    ),
    "renew": settling(lambda s: s.worker.renew([s.claim])),
    "reap": Case(steps(Stage.claimed, lambda s: s.kit.lead()), reap, repeated=[1]),
    "promote": Case(
        steps(Stage.waiting, lambda s: s.kit.lead()),
        lambda s: s.kit.keeper.promote(DUTY, s.kit.lead(), [("the-job", s.kit.record("the-job"))]),
        repeated=[MoveCode.WRONG_STATE],
    ),
    "promote a held one": Case(
        steps(Stage.waiting, lambda s: s.kit.lead(), lambda s: s.kit.type_pauses.pause("echo")),
        lambda s: s.kit.keeper.promote(DUTY, s.kit.lead(), [("the-job", s.kit.record("the-job"))]),
        repeated=[MoveCode.WRONG_STATE],
    ),
    "quarantine": Case(
        steps(Stage.claimed, lambda s: s.kit.client.call("HSET", s.kit.keys.metadata, "the-job", b"\xc1")),
        lambda s: s.kit.keeper.quarantine(DUTY, s.kit.lead(), s.kit.keys.active, [("the-job", b"\xc1")]),
        repeated=0,
    ),
    "tick": Case(steps(Stage.claimed, tick, lambda s: s.kit.advance(60_000)), tick),
    "lead": Case(nothing, lambda s: s.kit.lead()),
    "vacancies": Case(nothing, lambda s: list(s.kit.keeper.vacancies([DUTY]))),
    "resign": Case(lambda s: s.kit.lead(), lambda s: s.kit.keeper.resign(DUTY, f"leader:{1}")),
    "cancel": Case(
        Stage.waiting,
        lambda s: s.kit.operator.cancel(["the-job"])[0].code,
        repeated=MoveCode.WRONG_STATE,
    ),
    "cancel a pending one": Case(
        lambda s: s.kit.enqueue("the-job", deduplication_key="k"),
        lambda s: s.kit.operator.cancel(["the-job"])[0].code,
        repeated=MoveCode.WRONG_STATE,
    ),
    "cancel an active one": Case(Stage.claimed, lambda s: s.kit.operator.cancel(["the-job"])[0].code),
    "delete": Case(Stage.dead, lambda s: s.kit.operator.delete(["the-job"])[0].code, repeated=MoveCode.GONE),
    "delete waiting ones": Case(
        lambda s: (s.kit.enqueue("the-job", deduplication_key="k"), s.kit.enqueue("b", delay_ms=9)),
        lambda s: [moved.code for moved in s.kit.operator.delete(["the-job", "b"])],
        repeated=[MoveCode.GONE] * 2,
    ),
    "retry a held one": Case(
        steps(Stage.dead, lambda s: s.kit.type_pauses.pause("echo")),
        lambda s: s.kit.operator.retry(["the-job"])[0].code,
        repeated=MoveCode.WRONG_STATE,
    ),
    "retry": Case(Stage.dead, lambda s: s.kit.operator.retry(["the-job"])[0].code, repeated=MoveCode.WRONG_STATE),
    "run_now": Case(
        Stage.waiting, lambda s: s.kit.operator.run_now(["the-job"])[0].code, repeated=MoveCode.WRONG_STATE
    ),
    "pause": Case(lambda s: s.kit.enqueue("the-job"), lambda s: s.kit.operator.pause("default"), repeated=False),
    "resume": Case(
        lambda s: (s.kit.enqueue("the-job"), s.kit.operator.pause("default")),
        lambda s: s.kit.operator.resume("default"),
        repeated=False,
    ),
    "pause_type": Case(lambda s: s.kit.enqueue("the-job"), lambda s: s.kit.type_pauses.pause("echo"), repeated=False),
    "resume_type": Case(
        lambda s: (s.kit.type_pauses.pause("echo"), s.kit.enqueue("the-job")),
        lambda s: s.kit.type_pauses.resume("echo"),
    ),
    "resume_type without held jobs": Case(
        lambda s: s.kit.type_pauses.pause("echo"), lambda s: s.kit.type_pauses.resume("echo"), repeated=False
    ),
    "heartbeat": Case(nothing, lambda s: s.kit.store.registry.leave("the-worker")),
    "workers": Case(nothing, lambda s: s.kit.store.registry.workers()),
    "pool": Case(nothing, lambda s: s.kit.store.registry.join_pool("p", "a", 3)),
    "order": Case(nothing, lambda s: s.kit.operator.order("the-worker", "drain")),
    "answer": Case(nothing, lambda s: s.worker.answer("a-ticket", b"here")),
    "desire": Case(nothing, lambda s: s.kit.store.registry.set_desired("p", 3)),
    "scale": Case(
        lambda s: s.kit.lead(),
        lambda s: s.kit.store.scaling.record(DUTY, s.kit.lead(), "p", Kept(), Outcome("5:1", 3, b"m", b"s")),
    ),
    "scale_order": Case(nothing, lambda s: s.kit.store.scaling.order("p", {"paused": b"x", "by_hand": b""}, 3)),
    "forget_pool": Case(
        lambda s: s.kit.store.registry.set_desired("p", 3), lambda s: s.kit.store.scaling.forget("p", 86_400_000 * 99)
    ),
    "pool_minute": Case(
        lambda s: s.kit.lead(),
        lambda s: s.kit.store.pool_history.keep(DUTY, s.kit.lead(), "p", Minute(start=120, arrived=3)),
        repeated=False,
    ),
    "triage": Case(
        lambda s: s.dead(), lambda s: s.kit.store.triage.note(s.kit.record("the-job").fingerprint, Verdict.RESOLVED)
    ),
    "history_append": Case(
        lambda s: s.kit.lead(),
        lambda s: s.kit.store.history.append(
            DUTY, s.kit.lead(), 10, (None, Cursor(7)), [("default", HistoryBucket(7, 1))], Tick(7)
        ),
        repeated=False,
    ),
    "history_mark": Case(
        lambda s: s.kit.lead(), lambda s: s.kit.store.history.mark(DUTY, s.kit.lead(), b"v2", [Mark(1, "deploy", "v2")])
    ),
    "mark": Case(nothing, lambda s: s.kit.store.markers.keep(Marker("k", "b", 60), "an operation")),
    # Taken twice where a reply is lost: a limit may err on its own side.
    "take_tokens": Case(nothing, lambda s: s.kit.store.buckets.take(Bucket("b", 5, 0.001)).remaining, repeated=3),
    "simulation_open": Case(nothing, lambda s: s.kit.store.simulations.open(SIMULATION)),
    "simulation_save": Case(
        lambda s: s.kit.store.simulations.open(SIMULATION),
        lambda s: s.kit.store.simulations.save(SIMULATION, b"{}"),
    ),
    "operation_open": Case(
        nothing,
        lambda s: s.kit.store.operations.open(Action.RETRY, JobFilter(ids=("a",)), operation_id="op").id,
    ),
    "operation_abort": Case(
        lambda s: s.kit.store.operations.open(Action.RETRY, JobFilter(ids=("a",)), operation_id="op"),
        lambda s: s.kit.store.operations.abort("op", "me"),
    ),
    "operation_save": Case(
        lambda s: s.kit.store.operations.open(Action.RETRY, JobFilter(ids=("a",)), operation_id="op"),
        lambda s: s.kit.store.operations.save(DUTY, s.kit.lead(), _opened(s)),
    ),
}


def _opened(stage: Stage) -> Any:
    operation = stage.kit.store.operations.get("op")
    assert operation is not None
    return operation
