"""The scaler decides by its policy, once a stretch of time, and only while it leads."""

from __future__ import annotations

import pytest

from jobs.store.fencing import NotLeading
from scaling.models import ScalingDecision, ScalingPolicy
from scaling.orders import ByHand, Paused, write
from scaling.scaler import NAME

from .crowd import crowd, decided, meddle, steps


def test_a_burst_makes_the_pool_grow_and_the_decision_says_why(kit, scaler):
    kit.enqueue_many(151)
    made = decided(kit, scaler)
    assert (made.action, made.current, made.target, made.strategy) == ("scale_up", 1, 4, "default")
    assert "151 jobs wait" in made.reason
    assert (made.inputs["waiting"], made.inputs["workers"]) == (151, 1)
    assert kit.store.registry.desired() == {"default": 4}


def test_a_pool_is_believed_to_obey_until_heartbeats_tell(kit, scaler):
    kit.enqueue_many(151)
    decided(kit, scaler)
    made = decided(kit, scaler)
    assert (made.inputs["workers"], made.inputs["starting"]) == (1, 3)
    kit.advance(30_000)
    crowd(kit, 1)
    made = decided(kit, scaler)
    assert (made.inputs["workers"], made.inputs["starting"]) == (1, 0)


def test_an_idle_pool_shrinks_to_its_minimum_and_stays(kit, scaler):
    crowd(kit, 3)
    kit.store.registry.set_desired("default", 3)
    assert decided(kit, scaler).target == 2
    crowd(kit, 2)
    assert decided(kit, scaler).target == 1
    crowd(kit, 1)
    made = decided(kit, scaler)
    assert (made.action, made.target, made.guard) == ("hold", 1, "minimum")
    assert kit.store.registry.desired() == {"default": 1}


def test_each_stretch_of_time_is_decided_for_once(kit, scaler):
    decided(kit, scaler)
    scaler.run_once()
    scaler.run_once()
    assert len(steps(kit)) == 1


def test_who_leads_no_more_decides_nothing(kit, scaler):
    kit.enqueue_many(151)
    meddle(kit, lambda: kit.client.call("SET", kit.keys.leader(NAME), "another:2"))
    with pytest.raises(NotLeading):
        decided(kit, scaler)
    assert (steps(kit), ScalingDecision.objects.count()) == ([], 0)
    assert kit.store.registry.desired() == {"default": 1}


def test_an_order_that_comes_while_a_decision_is_made_wins(kit, scaler):
    kit.enqueue_many(151)
    order = write(ByHand(2, 0, "ann", "the sale begins"))
    meddle(kit, lambda: kit.store.scaling.order("default", {"by_hand": order}, 2))
    kit.advance(5000)
    scaler.run_once()
    assert (steps(kit), kit.store.registry.desired()) == ([], {"default": 2})
    scaler.run_once()
    made = ScalingDecision.objects.get()
    assert (made.target, made.guard) == (2, "by_hand")
    assert made.reason == "ann wants 2 workers until scaling is resumed (the sale begins)."


def test_an_order_by_hand_holds_until_it_expires(kit, scaler):
    until = kit.reader.now_ms() + 12_000
    kit.store.scaling.order("default", {"by_hand": write(ByHand(6, until, "ann"))}, 6)
    made = decided(kit, scaler)
    assert (made.action, made.current, made.target, made.guard) == ("scale_up", 1, 6, "by_hand")
    crowd(kit, 6)
    made = decided(kit, scaler)
    assert (made.action, made.guard) == ("hold", "by_hand")
    made = decided(kit, scaler)
    assert (made.action, made.target, made.guard) == ("scale_down", 5, "")


def test_a_paused_pool_is_left_as_it_is(kit, scaler):
    kit.enqueue_many(151)
    kit.store.scaling.order("default", {"paused": write(Paused(1, "ann"))})
    made = decided(kit, scaler)
    assert (made.action, made.current, made.target, made.guard) == ("hold", 1, 1, "paused")
    kit.store.scaling.order("default", {"paused": b""})
    assert decided(kit, scaler).target == 4


def test_another_strategy_decides_next_without_a_restart(kit, scaler, policy):
    assert decided(kit, scaler).strategy == "default"
    policy(strategy="conservative")
    assert decided(kit, scaler).strategy == "conservative"


def test_a_strategy_that_is_not_there_holds_the_pool_and_is_named(kit, scaler, policy):
    policy(strategy="no_such.Strategy")
    made = decided(kit, scaler)
    assert (made.action, made.guard) == ("hold", "unknown_strategy")
    assert "no_such.Strategy" in made.reason


def test_a_dry_run_decides_and_changes_nothing(kit, scaler, policy):
    policy(dry_run=True)
    kit.enqueue_many(151)
    made = decided(kit, scaler)
    assert (made.action, made.target, made.dry_run) == ("scale_up", 4, True)
    assert kit.store.registry.desired() == {"default": 1}


def test_advice_of_a_dry_run_is_no_change(kit, scaler, policy):
    policy(dry_run=True, cooldown_up=60.0)
    kit.enqueue_many(151)
    assert [decided(kit, scaler).target for _ in range(2)] == [4, 4]
    assert [step.changed for step in steps(kit)] == [False, False]
    policy(dry_run=False)
    assert decided(kit, scaler).target == 4
    assert steps(kit)[-1].changed


def test_growth_takes_back_no_workers_that_are_awaited(kit, scaler, policy):
    policy(step_up=2)
    kit.store.registry.join_pool("default", "host", 20)
    kit.store.registry.set_desired("default", 8)
    kit.enqueue_many(151)
    made = decided(kit, scaler)
    assert (made.current, made.target, made.guard) == (1, 8, "coming")
    assert kit.store.registry.desired() == {"default": 8}


def test_a_pool_whose_supervisors_are_gone_is_asked_once_and_its_hold_is_one_decision(kit, scaler, policy):
    policy(cooldown_up=0.0)
    kit.store.registry.set_desired("default", 8)
    for jobs in (151, 50, 50):
        kit.enqueue_many(jobs)
        made = decided(kit, scaler)
    assert (made.action, made.current, made.target, made.guard) == ("hold", 1, 1, "unheard")
    assert made.reason.endswith(" No supervisor of the pool lives: 8 are asked for, and nobody follows.")
    assert (ScalingDecision.objects.count(), kit.store.registry.desired()) == (1, {"default": 8})
    assert [step.decided for step in steps(kit)] == [8, 8, 8]


def test_what_hosts_cannot_follow_is_said_and_not_told_as_a_change(kit, scaler, policy):
    policy(minimum=0)
    kit.store.registry.join_pool("default", "host", 1, 1)
    made = decided(kit, scaler)
    assert (made.action, made.target, made.guard) == ("hold", 1, "hosts_keep")
    assert made.reason.endswith("Its hosts keep 1 at least.")
    kit.enqueue_many(151)
    kit.store.registry.join_pool("default", "host", 1, 1)
    made = decided(kit, scaler)
    assert (made.action, made.target, made.guard) == ("hold", 1, "hosts_full")
    assert made.reason.endswith("Its hosts can run 1 at most.")
    assert kit.store.registry.desired() == {"default": 4}
    kit.store.registry.join_pool("default", "host", 2, 1)
    made = decided(kit, scaler)
    assert (made.action, made.target, made.inputs["starting"]) == ("hold", 2, 1)


def test_workers_that_never_came_and_are_not_wanted_any_more_are_taken_back(kit, scaler):
    kit.store.registry.set_desired("default", 8)
    kit.enqueue_many(20)
    made = decided(kit, scaler)
    assert (made.action, made.current, made.target) == ("none", 1, 1)
    assert kit.store.registry.desired() == {"default": 1}
    assert not steps(kit)[-1].changed


def test_a_spoilt_key_of_one_pool_stops_no_other(kit, scaler):
    kit.store.registry.set_desired("another", 1)
    kit.client.call("SET", kit.keys.scaling("another"), "spoilt")
    kit.enqueue_many(151)
    assert decided(kit, scaler).pool == "default"
    assert (len(steps(kit)), "default" in scaler._chronicle._open) == (1, True)


def test_a_policy_that_is_off_decides_nothing(kit, scaler, policy):
    policy(enabled=False)
    kit.advance(5000)
    scaler.run_once()
    assert steps(kit) == []


def test_a_sleeping_pool_wakes_for_the_first_job(kit, scaler, policy):
    policy(minimum=0)
    decided(kit, scaler)
    assert kit.store.registry.desired() == {"default": 0}
    crowd(kit, 0)
    kit.enqueue()
    made = decided(kit, scaler)
    assert (made.action, made.current, made.target, made.guard) == ("scale_up", 0, 1, "awake")


def test_a_pool_without_a_policy_gets_the_first_values(kit, scaler):
    ScalingPolicy.objects.all().delete()
    decided(kit, scaler)
    made = ScalingPolicy.objects.get()
    assert (made.pool, made.strategy, made.minimum, made.maximum) == (
        "default",
        kit.store.config.scaling_strategy,
        1,
        10,
    )
    assert (made.version, made.updated_by) == (1, "environment")


def test_a_clock_that_steps_back_stops_nothing(kit, scaler):
    decided(kit, scaler)
    kit.advance(-3_600_000)
    crowd(kit, 1)
    kit.enqueue_many(151)
    assert decided(kit, scaler) is not None
    assert len(steps(kit)) == 2
    assert kit.store.registry.desired() == {"default": 4}
