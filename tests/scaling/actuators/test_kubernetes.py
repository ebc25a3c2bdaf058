"""A pool that is a Deployment: replicas follow, idle pods go first, and what others own is left alone."""

from __future__ import annotations

from typing import Any

import pytest

from jobs.store.registry import Seen, WorkerInfo
from scaling.actuators import cluster as clusters
from scaling.actuators.actuator import Bar
from scaling.actuators.cluster import Cluster
from scaling.actuators.kubernetes import Kubernetes

from .api_server import AUTOSCALERS, DEPLOYMENT, PODS, SCALED_OBJECTS, ApiServer

NOW = 1_772_352_000.0  # 2026-03-01T08:00:00Z
SCALE = f"{DEPLOYMENT}/scale"


@pytest.fixture
def pool(server: ApiServer) -> Kubernetes:
    """Give the actuator of a Deployment whose pods have two workers each."""
    return Kubernetes("worker", 2, Cluster("shop"))


def seen(host: str, running: int) -> Seen:
    """A worker of a pod, with so many jobs."""
    jobs = tuple((f"job-{at}", "echo", 1) for at in range(running))
    info = WorkerInfo(
        id=f"{host}-{running}", incarnation="0" * 16, pool="default", host=host, pid=1, queues=("default",), types=(),
        concurrency=5, running=jobs,
    )  # fmt: skip
    return Seen(info, 0, alive=True)


def changed(manager: str, at: str, subresource: str = "") -> dict[str, Any]:
    """Kubernetes' record of who set the replicas."""
    fields: Any = {"f:spec": {"f:replicas": {}}}
    entry = {"manager": manager, "operation": "Update", "time": at, "fieldsV1": fields}
    return entry | ({"subresource": subresource} if subresource else {})


def test_there_are_pods_for_the_desired_workers(server, pool):
    assert pool.bar(NOW) is None
    pool.follow(7, [])
    assert server.writes() == [(SCALE, {"spec": {"replicas": 4}})]
    assert [each.path for each in server.asked] == [SCALED_OBJECTS, AUTOSCALERS, DEPLOYMENT, SCALE]


def test_what_is_there_already_is_not_asked_for_again(server, pool):
    for _ in range(2):
        assert pool.bar(NOW) is None
        pool.follow(7, [])
    assert len(server.writes()) == 1
    assert [each.path for each in server.asked][4:] == [DEPLOYMENT]


def test_pods_that_do_the_least_go_first(server, pool):
    server.replicas = 4
    server.costs = {"busy": "", "idle": "3", "starting": "", "same": "1"}
    assert pool.bar(NOW) is None
    pool.follow(2, [seen("busy", 2), seen("busy", 3), seen("idle", 0), seen("same", 1)])
    assert server.costs == {"busy": "", "idle": "-1000000", "starting": "-1000001", "same": "-999999"}
    assert {path for path, _ in server.writes()[:3]} == {f"{PODS}/same", f"{PODS}/idle", f"{PODS}/starting"}
    assert server.writes()[3:] == [(SCALE, {"spec": {"replicas": 1}})]


def test_pods_that_leave_or_are_missing_are_none_of_those_that_go(server, pool):
    server.replicas, server.leaving = 4, {"left"}
    server.costs = {"left": "", "idle": "", "busy": "", "busier": ""}  # and one has no room anywhere
    assert pool.bar(NOW) is None
    pool.follow(4, [seen("left", 0), seen("idle", 0), seen("busy", 1), seen("busier", 2)])
    assert server.costs == {"left": "", "idle": "-1000000", "busy": "", "busier": ""}


def test_who_may_not_mark_pods_scales_all_the_same_and_says_so(server, pool):
    server.replicas, server.costs = 3, {"one": "", "two": "", "three": ""}
    server.answers[PODS] = 403
    assert pool.bar(NOW) is None
    pool.follow(4, [])
    assert (server.replicas, pool.flaw) == (
        2,
        "Kubernetes does not allow it (list pod). Pods of worker went in any order.",
    )
    server.answers[PODS] = 0
    server.costs = {"one": "", "two": ""}
    assert pool.bar(NOW) is None
    pool.follow(2, [])
    assert (server.replicas, pool.flaw) == (1, "")


def test_pods_that_cannot_be_marked_in_time_go_all_the_same(server, pool, monkeypatch):
    monkeypatch.setattr(clusters, "PRICING", 0.1)
    server.replicas, server.costs = 3, {"one": "", "two": "", "three": ""}
    server.held = {f"{PODS}/one", f"{PODS}/two"}
    assert pool.bar(NOW) is None
    pool.follow(2, [seen("three", 1)])
    assert server.replicas == 1
    assert pool.flaw == "Kubernetes is too slow to mark 2 of 2 pods. Pods of worker went in any order."


def test_a_pool_may_sleep(server, pool):
    assert pool.bar(NOW) is None
    pool.follow(0, [])
    assert server.replicas == 0


def test_a_pod_that_is_gone_meanwhile_costs_nothing(server, pool):
    server.replicas, server.costs = 3, {"gone": "", "here": "", "busy": ""}
    server.answers[f"{PODS}/gone"] = 404
    assert pool.bar(NOW) is None
    pool.follow(2, [seen("busy", 1)])
    assert (server.costs["here"], server.replicas, pool.flaw) == ("-1000001", 1, "")


@pytest.mark.parametrize(
    ("keda", "target", "owner"),
    [
        (False, {"kind": "Deployment", "name": "worker"}, "HorizontalPodAutoscaler scaler"),
        (True, {"name": "worker"}, "ScaledObject scaler"),
        (False, {"kind": "StatefulSet", "name": "worker"}, ""),
        (False, {"kind": "Deployment", "name": "another"}, ""),
    ],
)
def test_what_an_autoscaler_scales_is_observed(server, pool, keda, target, owner):
    item = {"metadata": {"name": "scaler"}, "spec": {"scaleTargetRef": target}}
    (server.scaled_objects if keda else server.autoscalers).append(item)
    server.answers[SCALED_OBJECTS] = 0
    bar = pool.bar(NOW)
    pool.follow(9, [])
    assert bar == (Bar(f"{owner} scales Deployment worker: it is observed, not driven.") if owner else None)
    assert bool(server.writes()) is not bool(owner)


def test_who_may_not_look_for_autoscalers_scales_all_the_same(server, pool):
    server.answers |= {SCALED_OBJECTS: 403, AUTOSCALERS: 403}
    assert pool.bar(NOW) is None


def test_replicas_that_somebody_else_has_changed_are_left_for_a_while(server, pool):
    server.managers = [changed("helm", "2026-03-01T07:59:00Z")]
    assert pool.bar(NOW) is None  # made with some
    pool.follow(4, [])
    server.replicas, server.managers = 9, [changed("kubectl", "2026-03-01T07:59:30Z", "scale")]
    bar = pool.bar(NOW)
    pool.follow(4, [])
    assert bar is not None
    assert bar.why.startswith("kubectl has changed the replicas of Deployment worker at 2026-03-01T07:59:30Z")
    assert server.replicas == 9
    assert pool.bar(NOW + 571) is None
    pool.follow(4, [])
    assert server.replicas == 2


def test_an_autoscaler_that_cannot_be_seen_is_known_by_its_work(server, pool):
    server.answers |= {SCALED_OBJECTS: 403, AUTOSCALERS: 403}
    server.managers = [changed("kube-controller-manager", "2026-03-01T07:59:30Z", "scale")]
    bar = pool.bar(NOW)
    assert bar is not None
    assert bar.why.startswith("kube-controller-manager has changed the replicas")


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        (DEPLOYMENT, 403, "Kubernetes does not allow it (read deployment worker)."),
        (DEPLOYMENT, 404, "Kubernetes answers 404 (read deployment worker)."),
        (DEPLOYMENT, 401, "Kubernetes does not know the scaler's token (read deployment worker)."),
        (AUTOSCALERS, 500, "Kubernetes answers 500 (list horizontal pod autoscaler)."),
    ],
)
def test_a_refusal_is_said(server, pool, path, status, said):
    server.answers[path] = status
    assert pool.bar(NOW) == Bar(f"{said} Nothing is carried out.", is_trouble=True)
    pool.follow(9, [])
    assert server.writes() == []


def test_a_scale_that_was_refused_is_said_and_tried_again(server, pool):
    server.answers[SCALE] = 503
    assert pool.bar(NOW) is None
    pool.follow(9, [])
    said = "Kubernetes answers 503 (patch deployment scale worker). Deployment worker keeps 1 replica."
    assert (server.replicas, pool.flaw) == (1, said)
    server.answers[SCALE] = 0
    assert pool.bar(NOW) is None
    pool.follow(9, [])
    assert (server.replicas, pool.flaw) == (5, "")
