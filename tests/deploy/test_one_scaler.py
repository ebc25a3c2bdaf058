"""However deploy/k8s is applied, one and only one sets the number of workers."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.conf import read

from .installations import KUBERNETES, OVERLAYS, SCALINGS, copied, with_scaling
from .kustomize import Object, Refused, render
from .manifests import Process

POOL = "queueflow-worker"


def owners(objects: list[Object], pods: list[Process]) -> list[str]:
    """Who sets the workers of the pool."""
    others = {"HorizontalPodAutoscaler", "ScaledObject"}
    found = [
        each["kind"] for each in objects if each["kind"] in others and each["spec"]["scaleTargetRef"]["name"] == POOL
    ]
    actuators = {read(process.environment)[0].scaling_actuator for process in pods if process.command != "migrate"}
    return found + sorted(actuators - {"none"})


def test_each_pool_has_exactly_one_owner(objects, pods):
    assert len(owners(objects, pods)) == 1


def test_an_apply_resets_no_ones_number_of_workers(objects):
    pool = next(each for each in objects if each["metadata"]["name"] == POOL and each["kind"] == "Deployment")
    assert "replicas" not in pool["spec"]


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("two", [(a, b) for a in SCALINGS for b in SCALINGS if a != b], ids="-".join)
def test_two_owners_are_refused(tmp_path: Path, overlay: str, two: tuple[str, str]):
    with pytest.raises(Refused):
        render(with_scaling(copied(tmp_path), overlay, *two))


def test_who_looks_after_something_else_owns_no_pool():
    others = [path.name for path in KUBERNETES.glob("components/*") if path.name not in SCALINGS]
    for name in others:
        text = "".join(path.read_text(encoding="utf-8") for path in (KUBERNETES / "components" / name).iterdir())
        assert "scaleTargetRef" not in text
        assert "SCALING_ACTUATOR" not in text


def test_only_the_scaler_that_sets_replicas_may_ask_the_cluster(objects, pods):
    for process in pods:
        asks = process.workload["spec"]["template"]["spec"]["automountServiceAccountToken"]
        sets = process.environment.get("SCALING_ACTUATOR") == "kubernetes" and "scaler" in process.name
        assert asks == sets


def test_the_figures_of_hpa_and_keda_are_those_of_the_pods(objects, pods):
    config = read(next(process for process in pods if process.command == "scaler").environment)[0]
    for each in objects:
        if each["kind"] == "HorizontalPodAutoscaler":
            assert each["spec"]["metrics"][0]["external"]["target"]["averageValue"] == str(
                config.kubernetes_workers_per_pod
            )
            assert each["spec"]["maxReplicas"] * config.kubernetes_workers_per_pod >= config.max_workers
        elif each["kind"] == "ScaledObject":
            assert each["spec"]["maxReplicaCount"] * config.kubernetes_workers_per_pod >= config.max_workers
