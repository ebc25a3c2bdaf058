"""Jobs in each state and attempts at each verb, for the tests that are driven by the table of transitions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jobs.states import SETTLED, WAITING, State
from jobs.store.codes import MoveCode, SettleCode
from jobs.store.consumer import Consumer
from jobs.store.outcomes import Failed
from jobs.types import Claim
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

UNBUILT_STATES = frozenset({State.BLOCKED})  # comes with workflows
UNBUILT_VERBS = frozenset({"unblock"})
STATES: tuple[State | None, ...] = (*(state for state in State if state not in UNBUILT_STATES), None)
QUEUE = "stage"


@dataclass
class Scene:
    """One job, the worker that holds or held it, and its claim: a forged one where it was never claimed."""

    kit: StoreKit
    job_id: str
    worker: Consumer
    claim: Claim

    @property
    def state(self) -> State | None:
        """Where the job is now."""
        return self.kit.state(self.job_id)


def scene(kit: StoreKit, state: State | None, **options: Any) -> Scene:
    """A job in a state; None is one that is gone. Its time has come and its lease has run out."""
    options.setdefault("queue", QUEUE)
    worker = kit.worker()
    if state in (State.SCHEDULED, State.PENDING):
        job_id = kit.enqueue(delay_ms=1000 if state is State.SCHEDULED else 0, **options)
        made = Scene(kit, job_id, worker, _forged(kit, job_id))
    else:
        claim = kit.claimed(worker, **options)
        made = Scene(kit, claim.id, worker, claim)
        _settle(made, state)
    kit.advance(120_000)
    return made


def _forged(kit: StoreKit, job_id: str) -> Claim:
    record = kit.record(job_id)
    return Claim(job_id, f"{0:016x}.1", record, None)


def _settle(made: Scene, state: State | None) -> None:
    worker, claim = made.worker, made.claim
    if state is State.RETRYING:
        worker.fail([failed(claim)])
    elif state is State.DEAD:
        worker.fail([failed(claim, final=True)])
    elif state is State.CANCELLED:
        worker.discard([discarded(claim)])
    elif state is not State.ACTIVE:
        worker.complete([completed(claim, b"1")])
    if state is None:
        made.kit.operator.delete([made.job_id])


def _settling(codes: list[SettleCode]) -> bool:
    return codes in ([SettleCode.OK], [SettleCode.EXHAUSTED])


def enqueue(made: Scene) -> bool:
    """Enqueue the same id (again)."""
    (answer,) = made.kit.producer.enqueue([request(made.job_id, queue=QUEUE)])
    return answer.created


def claim(made: Scene) -> bool:
    """Claim from the job's queue, into whose index it is forced."""
    made.kit.client.call("ZADD", made.kit.keys.pending(QUEUE, made.claim.record.priority), 1, made.job_id)
    return [each.id for each in made.kit.claim(made.kit.worker(), 10, QUEUE)] == [made.job_id]


def promote(made: Scene) -> bool:
    """Promote as if the job had been read as due."""
    codes = made.kit.keeper.promote(DUTY, made.kit.lead(), [(made.job_id, made.claim.record)])
    return codes == [MoveCode.DONE]


def reap(made: Scene) -> bool:
    """Reap as if the job had been read with an expired lease."""
    lost = Failed(made.claim, 0, 0, LOST, 1000, outcome="lost")
    return _settling(made.kit.keeper.reap(DUTY, made.kit.lead(), [lost]))


def _pruned(made: Scene, states: frozenset[State], counter: str) -> bool:
    delete = made.kit.operator.delete
    answers = [delete([made.job_id], seen_in=state, counter=counter)[0].code for state in sorted(states)]
    return MoveCode.DONE in answers


VERBS: dict[str, Callable[[Scene], bool]] = {
    "enqueue": enqueue,
    "claim": claim,
    "promote": promote,
    "reap": reap,
    "complete": lambda made: _settling(made.worker.complete([completed(made.claim, b"2")])),
    "fail": lambda made: _settling(made.worker.fail([failed(made.claim)])),
    "release": lambda made: _settling(made.worker.release([released(made.claim, started=True)])),
    "snooze": lambda made: _settling(made.worker.snooze([snoozed(made.claim)])),
    "park": lambda made: _settling(made.worker.park([parked(made.claim)])),
    "discard": lambda made: _settling(made.worker.discard([discarded(made.claim)])),
    "cancel": lambda made: made.kit.operator.cancel([made.job_id])[0].code is MoveCode.DONE,
    "run_now": lambda made: made.kit.operator.run_now([made.job_id])[0].code is MoveCode.DONE,
    "retry": lambda made: made.kit.operator.retry([made.job_id])[0].code is MoveCode.DONE,
    "delete": lambda made: made.kit.operator.delete([made.job_id])[0].code is MoveCode.DONE,
    "prune": lambda made: _pruned(made, SETTLED, "pruned"),
    "purge": lambda made: _pruned(made, WAITING - UNBUILT_STATES, "purged"),
}
SETTLE_VERBS = ("complete", "fail", "release", "snooze", "park", "discard", "reap")


def snapshot(kit: StoreKit) -> dict[bytes, bytes]:
    """Everything in the store but kept answers, hints and leadership, in a comparable form."""
    skipped = (kit.keys.reply("", "")[:-1], kit.keys.event_stream, kit.keys.leader(DUTY), kit.keys.led, kit.keys.turns)
    names = kit.client.call("KEYS", "*")
    kept = [name for name in names if not name.decode().startswith(skipped)]
    return {name: kit.client.call("DUMP", name) for name in kept}
