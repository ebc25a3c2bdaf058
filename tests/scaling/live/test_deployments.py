"""The scaler and pools that are Deployments, or somebody else's."""

from __future__ import annotations

from scaling.health import scaling_part
from scaling.memo import read_memo
from scaling.models import ScalingPolicy
from scaling.orders import Paused, write
from tests.scaling.actuators.api_server import DEPLOYMENT, PODS

from .crowd import FIRST, crowd, decided

IN_SHOP = {"actuator": "kubernetes", "namespace": "shop", "deployment": "worker", "workers_per_pod": 2}


def test_the_replicas_follow_what_is_decided_in_whole_pods(kit, scaler, policy, server):
    policy(**IN_SHOP)
    kit.enqueue_many(101)
    made = decided(kit, scaler)
    assert (made.action, made.current, made.target, made.guard, made.dry_run) == ("scale_up", 1, 4, "pods", False)
    assert made.reason.endswith("A pod has 2 workers: 2 pods for 4.")
    assert (server.replicas, kit.store.registry.desired()) == (2, {"default": 4})


def test_a_pool_has_no_more_pods_than_its_policy_allows(kit, scaler, policy, server):
    policy(**IN_SHOP, maximum=5)
    kit.enqueue_many(1000)
    assert (decided(kit, scaler).target, server.replicas) == (4, 2)


def test_an_order_by_hand_reaches_the_deployment(kit, scaler, policy, server):
    policy(**IN_SHOP)
    kit.store.scaling.order("default", {"paused": write(Paused(1, "ann"))}, 6)
    decided(kit, scaler)
    assert server.replicas == 3


def test_what_an_autoscaler_owns_is_observed_and_no_trouble(kit, scaler, policy, server):
    policy(**IN_SHOP)
    item = {"metadata": {"name": "w"}, "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "worker"}}}
    server.autoscalers.append(item)
    kit.enqueue_many(151)
    made = decided(kit, scaler)
    assert (made.action, made.guard, made.dry_run) == ("scale_up", "not_ours", True)
    assert made.reason.endswith("HorizontalPodAutoscaler w scales Deployment worker: it is observed, not driven.")
    assert (server.writes(), kit.store.registry.desired()) == ([], {"default": 1})
    assert read_memo(kit.store.scaling.kept("default").memory).bar.startswith("HorizontalPodAutoscaler w")


def test_a_refusal_of_kubernetes_is_in_the_decision_and_in_health(kit, scaler, policy, server):
    policy(**IN_SHOP)
    server.answers[DEPLOYMENT] = 403
    made = decided(kit, scaler)
    said = "Kubernetes does not allow it (read deployment worker). Nothing is carried out."
    assert made.reason.endswith(said)
    part = scaling_part(kit.store)
    assert (part.status, part.detail) == ("degraded", f"pool default: {said}")


def test_a_strategy_that_takes_one_worker_away_at_a_time_takes_a_pod(kit, scaler, policy, server):
    policy(**IN_SHOP)
    server.replicas = 3
    crowd(kit, 6)
    made = decided(kit, scaler)
    assert (made.action, made.target, made.guard, server.replicas) == ("scale_down", 4, "pods", 2)
    assert made.reason == "0 jobs wait, fewer than 10: one less. A pod has 2 workers: 2 pods for 4."


def test_who_makes_pods_by_what_is_told_is_told_whole_pods(kit, scaler, policy):
    policy(actuator="none", workers_per_pod=2)
    crowd(kit, 6)
    made = decided(kit, scaler)
    assert (made.action, made.target, made.guard, made.dry_run) == ("scale_down", 4, "pods", True)


def test_what_could_not_be_carried_out_is_in_the_next_decision_and_in_health(kit, scaler, policy, server):
    policy(**IN_SHOP)
    server.answers[f"{DEPLOYMENT}/scale"] = 403
    kit.store.scaling.order("default", {"paused": write(Paused(1, "ann"))}, 4)
    assert decided(kit, scaler).guard == "paused"
    said = "Kubernetes does not allow it (patch deployment scale worker). Deployment worker keeps 1 replica."
    assert decided(kit, scaler).reason.endswith(said)
    part = scaling_part(kit.store)
    assert (part.status, part.detail) == ("degraded", f"pool default: {said}")
    server.answers[f"{DEPLOYMENT}/scale"] = 0
    assert decided(kit, scaler).guard == "flawed"
    assert (server.replicas, decided(kit, scaler).guard) == (2, "paused")


def test_a_deployment_whose_pods_may_not_be_seen_shrinks_and_health_says_how(kit, scaler, policy, server):
    policy(**IN_SHOP)
    server.replicas, server.answers[PODS] = 5, 403
    kit.store.scaling.order("default", {"paused": b"\x80"}, 2)
    decided(kit, scaler)
    assert server.replicas == 1
    said = "Kubernetes does not allow it (list pod). Pods of worker went in any order."
    assert decided(kit, scaler).reason.endswith(said)
    part = scaling_part(kit.store)
    assert (part.status, part.detail) == ("degraded", f"pool default: {said}")


def test_pools_of_kubernetes_are_decided_for_after_all_others(kit, scaler, observed, policy, server):
    policy(**IN_SHOP)
    ScalingPolicy.objects.create(pool="other", **FIRST)
    decided(kit, scaler)
    assert observed == ["other", "default"]


def test_a_pool_without_an_actuator_is_observed_only(kit, scaler, policy):
    policy(actuator="none")
    kit.enqueue_many(151)
    made = decided(kit, scaler)
    assert (made.action, made.target, made.dry_run) == ("scale_up", 4, True)
    assert kit.store.registry.desired() == {"default": 1}
    assert scaling_part(kit.store).detail == "no policy is to be carried out"
