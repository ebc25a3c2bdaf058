"""Guards, through the decisions that they change."""

from collections.abc import Mapping
from typing import ClassVar

import pytest

from scaling.decision import Action, decide
from scaling.policy import Policy
from scaling.proposal import Proposal
from scaling.record import Record, Step
from scaling.strategies.strategy import Parameter
from tests.scaling.pure.sights import NOW, past, seen

HERE = "tests.scaling.pure.test_guards"


class Wants:
    """Proposes what the policy's parameter says."""

    name: ClassVar[str] = "wants"
    title: ClassVar[str] = "Wants"
    about: ClassVar[str] = "For tests."
    parameters: ClassVar[Mapping[str, Parameter]] = {}

    def decide(self, observation, record, policy):
        return Proposal(int(policy.parameters["workers"]), "Because.")


def decided(workers, record=None, now=None, observation=None, **rules):
    plain = {"cooldown_down": 0, "stabilization": 0, "tolerance": 0, "minimum": 0, "maximum": 100}
    policy = Policy(**{"strategy": f"{HERE}.Wants", "parameters": {"workers": workers}, **plain, **rules})
    return decide(policy, observation or seen(workers=4), record or Record(), now)


def test_a_proposal_that_nothing_forbids_is_the_decision():
    made = decided(7)
    assert (made.action, made.current, made.target, made.guard) == (Action.SCALE_UP, 4, 7, None)
    assert made.reason == "Because."
    assert decided(4).action is Action.NONE


def test_minimum_and_maximum_have_the_last_word():
    assert (decided(70, maximum=10).target, decided(70, maximum=10).guard) == (10, "maximum")
    assert (decided(0, minimum=2).target, decided(0, minimum=2).guard) == (2, "minimum")
    assert decided(7, minimum=9, maximum=6).target == 6
    recent = past((1, 1, 4, 4))
    assert decided(9, recent, cooldown_up=60, minimum=6).target == 6


def test_a_step_is_limited_either_way():
    assert (decided(70, step_up=3).target, decided(0, step_down=2).target) == (7, 2)


def test_a_guard_that_a_later_one_takes_back_is_not_told():
    few, rules = seen(workers=2), {"step_up": 2, "minimum": 10}
    for proposed, said in (
        (6, "Because. The pool must have at least 10."),
        (10, "Because. The pool must have at least 10."),
        (12, "Because. At most 2 more at a time. The pool must have at least 10."),
    ):
        made = decided(proposed, observation=few, **rules)
        assert (made.target, made.guard, made.reason) == (10, "minimum", said)
    made = decided(9, observation=seen(workers=10), tolerance=0.2, maximum=5)
    assert (made.target, made.reason) == (5, "Because. The pool may have at most 5.")


def test_a_change_waits_for_its_cooldown():
    recent = past((59, 2, 4, 4))
    made = decided(7, recent, cooldown_up=60)
    assert (made.action, made.target, made.guard) == (Action.HOLD, 4, "cooldown_up")
    assert "59 s ago" in made.reason
    assert decided(7, recent, cooldown_up=59).target == 7
    assert decided(1, recent, cooldown_down=60).guard == "cooldown_down"


def test_a_step_without_a_change_starts_no_cooldown():
    assert decided(7, past((5, 4, 4, 4)), cooldown_up=60).target == 7


def test_advice_that_was_not_carried_out_starts_no_cooldown():
    advice = Step(seen(workers=2, at=NOW - 5), 4, 4, is_new=False)
    assert decided(7, Record((advice,)), cooldown_up=60).target == 7


def test_the_largest_recent_proposal_is_where_a_fleet_shrinks_to():
    recent = past((40, 4, 9, 4), (20, 4, 3, 4), (5, 4, 2, 4))
    made = decided(1, recent, stabilization=30)
    assert (made.target, made.guard) == (3, "stabilization")
    assert decided(1, recent, stabilization=60).action is Action.HOLD


@pytest.mark.parametrize(
    ("ago", "rules", "said"),
    [
        (59.7, {"cooldown_up": 60}, "The last change was 59 s ago, and the pool may grow no sooner than after 60 s."),
        (5, {"workers": 1, "cooldown_down": 9.5},
         "The last change was 5 s ago, and the pool may shrink no sooner than after 9.5 s."),
        (5, {"workers": 3, "tolerance": 0.255}, "1 fewer is less than 25.5 % of the fleet."),
        (5, {"workers": 3, "stabilization": 30}, "In the last 30 s up to 4 were wanted."),
        (5, {"workers": 9, "step_up": 2}, "At most 2 more at a time."),
    ],
)  # fmt: skip
def test_a_guard_says_what_holds(ago, rules, said):
    assert decided(rules.pop("workers", 7), past((ago, 2, 4, 4)), **rules).reason == f"Because. {said}"


def test_a_saturated_dependency_says_how_long_ago_it_was():
    memory = {"guards:cap": 4.0, "guards:since": NOW - 5, "guards:last": NOW - 45}
    made = decided(9, Record((), memory), observation=seen(workers=4, error_rate=0.1, service_time=1.0))
    assert (made.target, made.guard) == (4, "saturated_dependency")
    assert (
        made.reason == "Because. What the jobs depend on was saturated 45 s ago: at most 4 until it has proved itself."
    )


def test_less_than_a_tenth_is_left_alone():
    assert decided(10, observation=seen(workers=11), tolerance=0.1).target == 11
    assert decided(9, observation=seen(workers=10), tolerance=0.1).target == 9


@pytest.mark.parametrize("strategy", ["default", "aggressive", "conservative", "predictive"])
def test_strategies_that_go_step_by_step_shrink_a_large_fleet_too(strategy):
    made = decide(Policy(strategy=strategy, maximum=50), seen(workers=30), Record())
    assert (made.action, made.target, made.is_step) == (Action.SCALE_DOWN, 29, True)


def test_steps_that_a_clock_which_stepped_back_calls_future_count_for_nothing():
    assert decided(7, past((-30, 2, 4, 4)), cooldown_up=60).target == 7


@pytest.mark.parametrize(
    ("observation", "now"),
    [
        (seen(workers=4), NOW + 31),
        (seen(workers=4, service_time=float("nan")), None),
        (seen(workers=4, error_rate=-1.0), None),
        (seen(workers=4, waiting=-1), None),
    ],
)
def test_figures_that_are_old_or_untrue_hold_the_fleet(observation, now):
    made = decided(0, observation=observation, now=now)
    assert (made.action, made.target, made.guard) == (Action.HOLD, 4, "stale_input")


def test_without_any_figures_the_last_decision_stands():
    made = decide(Policy(strategy="default"), None, past((5, 4, 6, 6)))
    assert (made.action, made.target, made.guard) == (Action.HOLD, 6, "missing_input")
