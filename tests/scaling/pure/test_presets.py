"""What simulations assume of a policy is what a new policy has."""

from scaling.models import ScalingPolicy
from scaling.models.policy import SHARED
from scaling.policy import Policy
from scaling.simulator.presets import preset


def test_a_new_policy_of_the_table_is_that_of_the_plain_rules():
    saved, plain = ScalingPolicy(pool="default").plain(), Policy()
    for name in SHARED:
        assert getattr(saved, name) == getattr(plain, name), name


def test_the_latency_target_is_simulated_with_the_policy_that_a_new_pool_has():
    assert preset("latency_target", 20.0) == Policy()


def test_rules_of_depth_are_simulated_with_one_cooldown_for_both_directions():
    for name, seconds in (("default", 60.0), ("predictive", 60.0), ("aggressive", 30.0), ("conservative", 120.0)):
        policy = preset(name, 20.0)
        assert (policy.strategy, policy.cooldown_up, policy.cooldown_down) == (name, seconds, seconds)
