"""The scripts do what the table of transitions says: its moves work, every other is refused and writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jobs.auditor import audit
from jobs.states import TRANSITIONS, State, Transition, may
from jobs.store.codes import MoveCode
from jobs.store.outcomes import Failed
from tests.store.states import (
    SETTLE_VERBS,
    STATES,
    UNBUILT_STATES,
    UNBUILT_VERBS,
    VERBS,
    Scene,
    scene,
    snapshot,
)
from tests.support.jobs import DUTY, LOST, StoreKit, failed, request

BUILT = frozenset(
    move for move in TRANSITIONS if move.verb not in UNBUILT_VERBS and not {move.source, move.target} & UNBUILT_STATES
)
Prepare = Callable[[Scene], object]


def _cancelling(made: Scene) -> None:
    made.kit.operator.cancel([made.job_id])


def _fail_finally(made: Scene) -> None:
    made.worker.fail([failed(made.claim, final=True)])


def _reap_last_attempt(made: Scene) -> None:
    lost = Failed(made.claim, 0, 0, LOST, 1000, final=True)
    made.kit.keeper.reap(DUTY, made.kit.lead(), [lost])


def _enqueue_for_later(made: Scene) -> None:
    made.kit.producer.enqueue([request(made.job_id, delay_ms=1000)])


# Moves that the plain verb does not make: how they come about.
SPECIAL: dict[Transition, Prepare] = {
    Transition("enqueue", None, State.SCHEDULED): _enqueue_for_later,
    Transition("fail", State.ACTIVE, State.DEAD): _fail_finally,
    Transition("reap", State.ACTIVE, State.DEAD): _reap_last_attempt,
}


def by_name(move: Any) -> str:
    """Name a move in the test's output."""
    return f"{move.verb}: {_word(move.source)} to {_word(move.target)}"


def _word(state: State | None) -> str:
    return state.label if state else "nothing"


def test_every_verb_of_the_table_has_its_attempt_here() -> None:
    assert {move.verb for move in TRANSITIONS} - UNBUILT_VERBS == set(VERBS)


@pytest.mark.parametrize("move", sorted(BUILT, key=by_name), ids=by_name)
def test_the_table_allows_it_and_it_works(kit: StoreKit, move: Transition) -> None:
    made = scene(kit, move.source)
    if move.target is State.CANCELLED and move.verb in SETTLE_VERBS and move.verb != "discard":
        _cancelling(made)
    SPECIAL.get(move, VERBS[move.verb])(made)
    assert made.state is move.target
    assert audit(kit.store).clean


@pytest.mark.parametrize("state", STATES, ids=_word)
@pytest.mark.parametrize("verb", sorted(VERBS))
def test_what_the_table_does_not_allow_is_refused_and_writes_nothing(
    kit: StoreKit, verb: str, state: State | None
) -> None:
    made = scene(kit, state)
    allowed = may(verb, state) if state else verb == "enqueue"
    if allowed:
        assert VERBS[verb](made)
        return
    before = snapshot(kit)
    assert not VERBS[verb](made)
    if verb == "cancel" and state is State.ACTIVE:
        assert kit.record(made.job_id).cancelling == 1
    else:
        assert snapshot(kit) == before
    assert made.state is state


@pytest.mark.parametrize("verb", SETTLE_VERBS)
def test_a_cancel_asked_for_reaches_every_way_out_of_active(kit: StoreKit, verb: str) -> None:
    made = scene(kit, State.ACTIVE, deduplication_key="mine")
    assert kit.operator.cancel([made.job_id])[0].code is MoveCode.FLAGGED
    VERBS[verb](made)
    assert made.state is (State.COMPLETED if verb == "complete" else State.CANCELLED)
    assert kit.client.call("EXISTS", kit.keys.deduplication("mine")) == 0
    assert audit(kit.store).clean
