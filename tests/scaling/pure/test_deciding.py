"""Decisions that no strategy makes."""

import msgspec
import pytest

from jobs.store.scaling import Kept
from scaling.deciding import not_fewer, ordered
from scaling.decision import Action, Decision
from scaling.orders import ByHand, write
from scaling.policy import Policy
from tests.scaling.pure.sights import seen

GROWTH = Decision(
    action=Action.SCALE_UP, current=2, target=4, proposed=9, reason="So.", strategy="default", guard="step_up"
)


def test_growth_takes_back_nothing_that_is_awaited():
    made = not_fewer(GROWTH, 10, Policy(maximum=50))
    assert (made.action, made.current, made.target, made.guard) == (Action.SCALE_UP, 2, 10, "coming")
    assert made.reason == "So. 10 are awaited already, and growth takes none of them back."
    assert not_fewer(GROWTH, 10, Policy(maximum=6)).target == 6


@pytest.mark.parametrize("desired", [None, 0, 4])
def test_growth_beyond_what_is_awaited_is_left_as_it_is(desired):
    assert not_fewer(GROWTH, desired, Policy(maximum=50)) is GROWTH


def test_a_cap_and_what_shrinks_may_take_back_what_is_awaited():
    capped = msgspec.structs.replace(GROWTH, memory={"guards:cap": 4.2})
    shrinking = msgspec.structs.replace(GROWTH, action=Action.SCALE_DOWN, target=1)
    assert [not_fewer(each, 10, Policy(maximum=50)) for each in (capped, shrinking)] == [capped, shrinking]


def test_an_order_keeps_within_limits_that_changed_since():
    kept = Kept(desired=9, by_hand=write(ByHand(9, 0, "ann")))
    made = ordered(kept, seen(workers=9), Policy(maximum=6))
    assert made is not None
    assert (made.action, made.current, made.target, made.guard) == (Action.SCALE_DOWN, 9, 6, "by_hand")
    assert made.reason == "ann wants 9 workers until scaling is resumed. The pool may have at most 6."
