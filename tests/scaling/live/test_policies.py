"""Which policies there can be, and which are read."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from scaling.models import ScalingPolicy
from scaling.policies import Policies

IN_SHOP = {"actuator": "kubernetes", "namespace": "shop", "deployment": "worker"}


def test_beyond_a_hundred_policies_those_of_pools_that_are_there_are_read(kit, policy, monkeypatch):
    monkeypatch.setattr("scaling.policies.MOST_POOLS", 2)
    policy(maximum=7)
    for pool in ("aa", "bb", "cc"):
        ScalingPolicy(pool=pool).save()
    found = Policies(kit.store).of(["default"])
    assert [(each.pool, each.maximum) for each in found] == [("aa", 10), ("default", 7)]


def test_a_deployment_has_one_policy_that_acts(kit, policy):
    policy(**IN_SHOP)
    ScalingPolicy.objects.get().clean()
    with pytest.raises(ValidationError, match="The policy of the pool default scales it already"):
        ScalingPolicy(pool="another", **IN_SHOP).clean()
    ScalingPolicy(pool="another", dry_run=True, **IN_SHOP).clean()
    with pytest.raises(ValidationError):
        ScalingPolicy(pool="worker", **IN_SHOP | {"deployment": ""}).clean()


@pytest.mark.parametrize(("minimum", "maximum", "fits"), [(9, 10, False), (0, 3, False), (8, 10, True), (0, 4, True)])
def test_some_whole_number_of_pods_meets_the_limits(kit, minimum, maximum, fits):
    made = ScalingPolicy(pool="p", workers_per_pod=4, minimum=minimum, maximum=maximum, **IN_SHOP)
    if fits:
        made.clean()
    else:
        with pytest.raises(ValidationError, match=f"No whole number of pods with 4 workers each has {minimum} to"):
            made.clean()
