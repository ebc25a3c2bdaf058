"""Objects find each other, and pods may do as little as they can."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from jobs.conf import SECRET_NAMES, read

from .installations import KUBERNETES, ROOT
from .kustomize import Object, variables
from .manifests import Process, containers, processes, workloads


def test_every_file_is_yaml_and_no_key_is_there_twice():
    class Strict(yaml.SafeLoader):
        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
            keys = [key.value for key, _ in node.value]
            assert len(keys) == len(set(keys)), f"{keys} of {node.start_mark}"
            return super().construct_mapping(node, deep)

    for path in sorted(KUBERNETES.parent.rglob("*.y*ml")):
        list(yaml.load_all(path.read_text(encoding="utf-8"), Strict))


def test_pods_are_nobody_and_write_nowhere(objects):
    for each in workloads(objects):
        pod = each["spec"]["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in containers(each):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert [mount["mountPath"] for mount in container["volumeMounts"]] == ["/tmp"]
            assert container["resources"]["limits"].keys() == {"memory"}
            assert container["resources"]["requests"].keys() == {"cpu", "memory"}


def test_selectors_select(objects):
    labels = [each["spec"]["template"]["metadata"]["labels"] for each in workloads(objects)]
    for each in objects:
        if each["kind"] == "Service" and each["metadata"]["name"].startswith("queueflow"):
            assert any(each["spec"]["selector"].items() <= some.items() for some in labels)
        elif each["kind"] == "PodDisruptionBudget":
            assert any(each["spec"]["selector"]["matchLabels"].items() <= some.items() for some in labels)
        elif each["kind"] == "NetworkPolicy":
            assert any(chosen(each["spec"]["podSelector"], some) for some in labels)


def chosen(selector: Object, labels: dict[str, str]) -> bool:
    """Whether a selector has a pod with these labels."""
    plain = selector.get("matchLabels", {}).items() <= labels.items()
    return plain and all(labels.get(each["key"]) in each["values"] for each in selector.get("matchExpressions", ()))


def test_a_pod_scraped_by_its_address_answers(pods: list[Process]):
    web = next(process for process in pods if process.command == "web")
    assert "127.0.0.1" in web.environment["ALLOWED_HOSTS"].split(",")  # here the address of the pod


def test_keda_asks_by_a_name_that_the_site_answers_to(objects: list[Object], pods: list[Process]):
    web = next(process for process in pods if process.command == "web")
    triggers = [each["spec"]["triggers"][0] for each in objects if each["kind"] == "ScaledObject"]
    if web.workload["metadata"]["namespace"] == "queueflow":
        for trigger in triggers:
            assert trigger["metadata"]["url"].split("/")[2] in web.environment["ALLOWED_HOSTS"].split(",")


def test_production_keeps_jobs_while_the_store_is_away_and_the_site_reachable(rendered):
    for process in processes(rendered["production", None]):
        config = read(process.environment)[0]
        assert config.outbox
        assert not config.readiness_requires_store


def test_production_is_what_django_calls_fit_to_deploy(rendered):
    web = next(each for each in processes(rendered["production", None]) if each.command == "web")
    whole = {"PATH": os.environ["PATH"], "QUEUEFLOW_ENV_FILE": os.devnull, **web.environment}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, cwd=ROOT, env=whole, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_nothing_secret_is_committed():
    for path in KUBERNETES.parent.rglob("*"):
        assert path.name not in {"secrets.env", ".env", "queueflow.key"} or ignored(path), path
        if path.name.endswith("env.example"):
            values = variables(path.read_text(encoding="utf-8"))
            assert {name for name, value in values.items() if value} <= {"REDIS_URL"}, path
        elif path.name == "config.env":
            assert not variables(path.read_text(encoding="utf-8")).keys() & SECRET_NAMES


def ignored(path: Path) -> bool:
    """Whether git leaves it alone: it is somebody's own."""
    patterns = (KUBERNETES.parents[1] / ".gitignore").read_text(encoding="utf-8").splitlines()
    return (
        ".env" in patterns
        and "/deploy/k8s/overlays/*/secrets.env" in patterns
        and "/deploy/docker/queueflow.key" in patterns
    )
