"""Decisions that no strategy makes."""

import msgspec
import pytest

from jobs.store.scaling import Kept
from scaling.deciding import LEFT, asked, followed, in_units, not_fewer, ordered, within_hosts
from scaling.decision import Action, Decision
from scaling.orders import ByHand, write
from scaling.policy import Policy
from tests.scaling.pure.sights import NOW, seen

GROWTH = Decision(
    action=Action.SCALE_UP, current=2, target=4, proposed=9, reason="So.", strategy="default", guard="step_up"
)


def test_growth_takes_back_nothing_that_is_awaited():
    made = not_fewer(GROWTH, 10, Policy(maximum=50))
    assert (made.action, made.current, made.target, made.guard) == (Action.SCALE_UP, 2, 10, "coming")
    assert made.reason == "So. 10 are awaited already, and growth takes none of them back."
    assert not_fewer(GROWTH, 10, Policy(maximum=6)).target == 6


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (ByHand(1, 0, "ann"), "ann wants 1 worker until scaling is resumed."),
        (ByHand(2, round(NOW * 1000) + 200, "ann", "the sale."), "ann wants 2 workers for 1 s more (the sale)."),
        (ByHand(2, round(NOW * 1000) + 3_600_000), "Somebody wants 2 workers for 1 h more."),
        (ByHand(2, round(NOW * 1000) + 3_596_000), "Somebody wants 2 workers for 59 min more."),
    ],
)
def test_an_order_says_for_how_long_it_holds(order, said):
    made = ordered(Kept(by_hand=write(order)), seen(), Policy())
    assert made is not None
    assert made.reason == said


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


def test_what_no_host_can_follow_is_no_change():
    made = within_hosts(GROWTH, 2)
    assert (made.action, made.target, made.guard) == (Action.HOLD, 2, "hosts_full")
    assert made.reason == "So. Its hosts can run 2 at most."


def test_growth_that_hosts_can_follow_in_part_is_that_part():
    made = within_hosts(GROWTH, 3)
    assert (made.action, made.target, made.asked) == (Action.SCALE_UP, 3, 4)


@pytest.mark.parametrize("possible", [0, 4, 5])
def test_growth_that_hosts_can_follow_or_of_whom_nobody_knows_stays(possible):
    assert within_hosts(GROWTH, possible) is GROWTH


def test_a_pool_shrinks_no_further_than_its_hosts_do():
    shrinking = msgspec.structs.replace(GROWTH, action=Action.SCALE_DOWN, current=5, target=0)
    made = within_hosts(shrinking, 2)
    assert (made.action, made.target, made.reason) == (Action.SCALE_DOWN, 2, "So. Its hosts keep 2 at least.")
    made = within_hosts(shrinking, 5)
    assert (made.action, made.target) == (Action.HOLD, 5)
    assert within_hosts(shrinking, 0) is shrinking


@pytest.mark.parametrize(
    ("action", "guard", "desired", "becomes"),
    [
        (Action.SCALE_UP, None, 4, 4),
        (Action.NONE, None, None, 4),
        (Action.HOLD, "minimum", None, None),
        (Action.NONE, None, 4, None),
        (Action.NONE, None, 9, 4),  # five never came, and are not wanted any more
        (Action.NONE, None, 2, 4),  # two never went, and are wanted again
        (Action.HOLD, "cooldown_down", 9, 4),
        (Action.HOLD, "cooldown_up", 9, None),
        (Action.HOLD, "cooldown_up", 11, 4),  # more than the pool may have
        (Action.HOLD, "cooldown_down", 2, None),
        (Action.HOLD, "stabilization", 2, None),
        (Action.HOLD, "tolerance", 2, None),
        (Action.HOLD, "minimum", 2, 4),
        (Action.HOLD, "saturated_dependency", 9, 4),
        *((Action.HOLD, guard, 9, None) for guard in sorted(LEFT)),
    ],
)
def test_a_count_that_was_not_followed_gives_way_to_what_was_decided(action, guard, desired, becomes):
    made = msgspec.structs.replace(GROWTH, action=action, current=4, target=4, guard=guard)
    assert asked(made, desired, 10) == becomes


@pytest.mark.parametrize(("desired", "becomes"), [(None, None), (2, 4), (4, None), (9, 4)])
def test_what_hosts_have_no_room_for_is_asked_for_all_the_same(desired, becomes):
    assert asked(within_hosts(GROWTH, 2), desired, 10) == becomes


@pytest.mark.parametrize(
    ("target", "is_step", "minimum", "waiting", "becomes"),
    [
        (5, False, 0, 0, 6),
        (5, True, 0, 0, 4),
        (5, True, 5, 0, 6),  # fewer than the pool must have
        (1, True, 0, 0, 0),
        (1, True, 0, 3, 2),  # no sleep while jobs wait
    ],
)
def test_a_step_down_is_a_pod_at_least(target, is_step, minimum, waiting, becomes):
    step = msgspec.structs.replace(GROWTH, action=Action.SCALE_DOWN, current=target + 1, target=target, is_step=is_step)
    assert in_units(step, 2, Policy(minimum=minimum, maximum=9), waiting).target == becomes


@pytest.mark.parametrize(
    ("supply", "desired", "action", "target", "guard"),
    [
        (0, 15, Action.HOLD, 0, "unheard"),
        (0, 3, Action.HOLD, 0, "unheard"),
        (0, 0, Action.SCALE_UP, 15, None),
        (0, None, Action.SCALE_UP, 15, None),
        (4, 4, Action.SCALE_UP, 15, None),
        (15, 15, Action.SCALE_UP, 15, None),
    ],
)
def test_a_pool_of_which_no_supervisor_lives_is_asked_once_and_held_then(supply, desired, action, target, guard):
    wanted = msgspec.structs.replace(GROWTH, current=min(supply, 14), target=15, proposed=15, guard=None)
    made = followed(wanted, seen(workers=supply), desired, Policy(maximum=50), lambda _: 0)
    assert (made.action, made.target, made.guard) == (action, target, guard)
    if guard:
        assert made.reason.endswith(" No supervisor of the pool lives: 15 are asked for, and nobody follows.")
        assert asked(made, desired, 50) == (None if desired == 15 else 15)


def test_a_pool_is_followed_as_far_as_its_hosts_can():
    sight = seen(workers=GROWTH.current)
    most = followed(GROWTH, sight, None, Policy(maximum=50), lambda workers: min(workers, 3))
    assert most == within_hosts(GROWTH, 3)
    assert followed(GROWTH, sight, 10, Policy(maximum=50), None) == not_fewer(GROWTH, 10, Policy(maximum=50))
