"""Refusals over a job's state say why, and what to do instead."""

import pytest

from jobs.advice import advice
from jobs.states import State

SAID = {
    (
        "retry",
        "pending",
    ): "The job is pending. Only a dead job can be retried. It is in its queue and starts as soon as a worker is free.",
    ("retry", "completed"): "The job is completed. Only a dead job can be retried. Run it again as a new job instead.",
    ("delete", "active"): "The job is active. A job that runs cannot be deleted. Cancel it first, or wait until it has "
    "ended.",
    ("cancel", "dead"): "The job is dead. Only a job that waits or runs can be cancelled. It is over: delete it if it "
    "should be gone.",
    ("rerun", "scheduled"): "The job is scheduled. Only a job that is over can be run again as a new one.",
    (
        "inspect",
        "cancelled",
    ): "The job is cancelled. Only a job that runs has a stack. Its result, error and log are on its page.",
}


@pytest.mark.parametrize(("verb", "state"), SAID)
def test_a_refusal_says_why_and_what_to_do(verb, state):
    assert advice(verb, state) == SAID[verb, state]


@pytest.mark.parametrize("verb", ["retry", "cancel", "run now", "rerun", "delete", "inspect"])
def test_every_state_is_said_for_every_verb(verb):
    for state in State:
        said = advice(verb, state.label)
        assert said.startswith(f"The job is {state.label}. ")
        assert said.count(".") >= 2
