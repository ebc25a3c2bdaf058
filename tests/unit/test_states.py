"""The life cycle as data."""

import pytest

from jobs.states import SETTLED, TRANSITIONS, WAITING, State, may


def test_every_state_is_waiting_active_or_settled():
    assert {State.ACTIVE} | WAITING | SETTLED == set(State)
    assert not WAITING & SETTLED
    assert [state.label for state in State if state in WAITING] == ["scheduled", "blocked", "pending", "retrying"]
    assert [state.label for state in State if state.is_settled] == ["completed", "dead", "cancelled"]


def test_the_codes_in_the_store_never_change():
    assert {state.label: int(state) for state in State} == {
        "scheduled": 1,
        "blocked": 2,
        "pending": 3,
        "active": 4,
        "retrying": 5,
        "completed": 6,
        "dead": 7,
        "cancelled": 8,
    }


def test_words_and_states_belong_together():
    assert all(State.from_label(state.label) is state for state in State)
    with pytest.raises(KeyError):
        State.from_label("failed")


def test_every_state_can_be_reached_and_left():
    assert {move.target for move in TRANSITIONS} - {None} == set(State)
    assert {move.source for move in TRANSITIONS} - {None} == set(State)


@pytest.mark.parametrize("verb", ["complete", "fail", "release", "snooze", "park", "discard", "reap"])
def test_only_an_active_job_leaves_a_worker(verb):
    assert [state for state in State if may(verb, state)] == [State.ACTIVE]


def test_an_active_job_can_be_neither_deleted_nor_cancelled_at_once():
    assert not any(may(verb, State.ACTIVE) for verb in ("delete", "prune", "purge", "cancel", "retry", "run_now"))


def test_a_settled_job_only_comes_back_from_the_dead_letter_queue():
    moves = {(move.verb, move.source) for move in TRANSITIONS if move.source in SETTLED and move.target is not None}
    assert moves == {("retry", State.DEAD)}
