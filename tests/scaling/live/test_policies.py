"""Which policies there can be, and which are read."""

from __future__ import annotations

import importlib
from dataclasses import replace

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection

from scaling.models import ScalingPolicy
from scaling.models.deployments import ONE_POLICY
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
    ScalingPolicy(pool="another", **IN_SHOP | {"namespace": "mail"}).clean()
    with pytest.raises(ValidationError, match="scales a Deployment of that name: give the namespaces of both"):
        ScalingPolicy(pool="another", **IN_SHOP | {"namespace": ""}).clean()
    policy(namespace="")
    with pytest.raises(ValidationError, match="give the namespaces of both"):
        ScalingPolicy(pool="another", **IN_SHOP).clean()


@pytest.mark.parametrize(
    ("pool", "fields", "fits"),
    [
        ("another", {}, False),
        ("worker", {"deployment": ""}, False),
        ("another", {"namespace": "mail"}, True),
        ("another", {"enabled": False}, True),
        ("another", {"dry_run": True}, True),
        ("another", {"actuator": "local"}, True),
    ],
)
def test_the_database_takes_no_second_policy_that_acts_on_a_deployment(kit, policy, pool, fields, fits):
    policy(**IN_SHOP)
    if fits:
        ScalingPolicy(pool=pool, **IN_SHOP | fields).save()
    else:
        with pytest.raises(IntegrityError, match="one_policy_a_deployment"):
            ScalingPolicy(pool=pool, **IN_SHOP | fields).save()


def test_of_two_pools_without_a_policy_one_gets_the_deployment_of_the_environment(kit):
    kit.store.config = replace(kit.store.config, scaling_actuator="kubernetes", kubernetes_deployment="worker")
    policies = Policies(kit.store)
    found = [(each.pool, each.deployment, each.is_ours) for each in policies.of(["mail", "shop"])]
    assert found == [("mail", "worker", True), ("shop", "worker", False)]
    assert [(each.pool, each.dry_run) for each in policies.of(["mail", "shop"])] == [("mail", False), ("shop", True)]


def test_a_migration_lets_the_first_of_two_policies_for_a_deployment_go_on(kit, policy, transactional_db):
    migration = importlib.import_module("scaling.migrations.0004_one_policy_a_deployment")
    with connection.schema_editor() as editor:
        editor.remove_constraint(ScalingPolicy, ONE_POLICY)
    policy(**IN_SHOP)
    ScalingPolicy(pool="another", **IN_SHOP).save()
    ScalingPolicy(pool="worker", **IN_SHOP | {"deployment": ""}).save()
    ScalingPolicy(pool="free", **IN_SHOP | {"namespace": "mail"}).save()
    with connection.schema_editor() as editor:
        migration.try_only(apps, editor)
        editor.add_constraint(ScalingPolicy, ONE_POLICY)
    found = ScalingPolicy.objects.order_by("id").values_list("pool", "dry_run")
    assert list(found) == [("default", False), ("another", True), ("worker", True), ("free", False)]


@pytest.mark.parametrize(("minimum", "maximum", "fits"), [(9, 10, False), (0, 3, False), (8, 10, True), (0, 4, True)])
def test_some_whole_number_of_pods_meets_the_limits(kit, minimum, maximum, fits):
    made = ScalingPolicy(pool="p", workers_per_pod=4, minimum=minimum, maximum=maximum, **IN_SHOP)
    if fits:
        made.clean()
    else:
        with pytest.raises(ValidationError, match=f"No whole number of pods with 4 workers each has {minimum} to"):
            made.clean()
