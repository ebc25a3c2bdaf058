"""What holds of every strategy, whoever wrote it."""

from __future__ import annotations

import copy
import math

import msgspec
import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from scaling.deciding import woken
from scaling.decision import Action, decide
from scaling.models import ScalingPolicy
from scaling.observation import Observation, Rates
from scaling.policy import Policy
from scaling.record import Record
from scaling.strategies.asking import ask
from scaling.strategies.lookup import find, names
from scaling.strategies.strategy import Strategy

from .inputs import FALSE, MODEL, NOW, POLICIES, RECORDS, TRUE, some


def of(name: str, policy: Policy = Policy()) -> Policy:  # noqa: B008 - frozen
    """The policy with a strategy."""
    return msgspec.structs.replace(policy, strategy=name)


def test_it_is_known_by_its_name_and_speaks_for_itself(name):
    strategy = find(name)
    assert isinstance(strategy, Strategy)
    assert (strategy.name, name in names()) == (name, True)
    assert strategy.title.strip()
    assert strategy.about.endswith(".")


@given(seen=TRUE, record=RECORDS, policy=POLICIES)
@some
def test_it_answers_what_can_be_used_from_its_inputs_alone(name, seen, record, policy):
    given_first = copy.deepcopy((seen, record, policy))
    strategy, policy = find(name), of(name, policy)
    answer = ask(strategy, seen, record, policy)
    assert answer == ask(type(strategy)(), *copy.deepcopy((seen, record, policy)))
    assert (seen, record, of(name, given_first[2])) == (*given_first[:2], policy)
    assert answer.reason.endswith(".")


@given(seen=TRUE, record=RECORDS, policy=POLICIES)
@some
def test_what_is_decided_lies_between_least_and_most(name, seen, record, policy):
    made = decide(of(name, policy), seen, record, seen.at)
    assert made.guard not in ("broken_strategy", "unknown_strategy", "stale_input")
    assert policy.minimum <= made.target <= policy.maximum
    assert made.current == seen.supply
    assert made.action in ((Action.NONE, Action.HOLD) if made.target == made.current else tuple(Action))
    assert all(math.isfinite(value) for value in made.memory.values())
    again = decide(of(name, policy), seen, msgspec.structs.replace(record, memory=made.memory), seen.at)
    assert again.guard not in ("broken_strategy", "stale_input")


@given(seen=FALSE, record=RECORDS)
@some
def test_figures_that_cannot_be_true_hold_the_pool(name, seen, record):
    made = decide(of(name), seen, record, NOW)
    assert (made.action, made.target, made.guard) == (Action.HOLD, seen.supply, "stale_input")


def test_missing_and_old_figures_hold_the_pool(name):
    seen = Observation(at=NOW, workers=3, waiting=10**6)
    assert decide(of(name), None, Record()).guard == "missing_input"
    made = decide(of(name), seen, Record(model=MODEL), NOW + 31)
    assert (made.action, made.target) == (Action.HOLD, 3)
    assert "31 s old" in made.reason


@given(seen=TRUE, more=st.integers(1, 10**6), policy=POLICIES, model=st.sampled_from([None, MODEL]))
@some
def test_more_waiting_jobs_never_ask_for_fewer_workers(name, seen, more, policy, model):
    longer = msgspec.structs.replace(seen, waiting=seen.waiting + more)
    fewer, workers = (ask(find(name), each, Record(model=model), of(name, policy)).workers for each in (seen, longer))
    assert fewer <= workers


def test_more_than_anybody_can_do_brings_the_most_workers_that_are_allowed(name):
    flood = Rates(1e9, 1e9, 1e9)
    seen = Observation(at=NOW, workers=10, waiting=10**12, arrivals=flood, service_time=60.0, oldest_age=1e6)
    assert decide(of(name), seen, Record(model=MODEL)).target == 10
    made = decide(of(name, Policy(maximum=11)), seen, Record(model=MODEL))
    assert (made.action, made.target) == (Action.SCALE_UP, 11)


def test_the_first_job_of_a_sleeping_pool_brings_a_worker(name):
    policy = of(name, Policy(minimum=0))
    seen = Observation(at=NOW, workers=0, waiting=1)
    made = woken(decide(policy, seen, Record()), seen, policy)
    assert (made.action, made.target >= 1) == (Action.SCALE_UP, True)
    asleep = Observation(at=NOW, workers=0)
    assert woken(decide(policy, asleep, Record()), asleep, policy).target == 0


def test_its_parameters_have_bounds_and_words_and_are_checked(name):
    for parameter, spec in find(name).parameters.items():
        assert spec.minimum <= spec.default <= spec.maximum
        assert spec.help.endswith(".")
        wrong = (spec.maximum + 1, spec.minimum - 1, float("nan"), "1", True)
        for value in wrong:
            assert f"{parameter}: give a number" in _refusal(name, {parameter: value})
        for value in (spec.minimum, spec.default, spec.maximum):
            ScalingPolicy(pool="p", strategy=name, parameters={parameter: value}).clean()
    assert "no parameter 'x'" in _refusal(name, {"x": 1})


def _refusal(name: str, parameters: dict[str, object]) -> str:
    with pytest.raises(ValidationError) as caught:
        ScalingPolicy(pool="p", strategy=name, parameters=parameters).clean()
    return str(caught.value)
