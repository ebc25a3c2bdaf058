"""Objects find each other, and pods may do as little as they can."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import yaml

from jobs.conf import SECRET_NAMES, read
from jobs.store.simulations import AT_ONCE
from scaling.simulating.wanted import MEMORY

from .installations import KUBERNETES, ROOT
from .kustomize import Object, variables
from .manifests import Process, containers, processes, workloads
from .prometheus.files import PROMETHEUS, alerts, parsed


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


def endpoints(objects: list[Object]) -> list[tuple[str, str, str]]:
    """Each address that the operator has Prometheus scrape: kind, the label `job`, path."""
    found = []
    for each in objects:
        name = each["metadata"]["name"]
        usual = {"ServiceMonitor": name, "PodMonitor": f"{each['metadata'].get('namespace')}/{name}"}.get(each["kind"])
        for endpoint in each["spec"].get("endpoints", each["spec"].get("podMetricsEndpoints", ())) if usual else ():
            told = [rule["replacement"] for rule in endpoint.get("relabelings", ()) if rule["targetLabel"] == "job"]
            found.append((each["kind"], (told or [usual])[0], endpoint["path"]))
    return found


def test_targets_are_told_apart_and_called_as_by_the_compose_files_prometheus(objects: list[Object]):
    found = endpoints(objects)
    assert len({job for _, job, _ in found}) == len(found)
    scraped = parsed(PROMETHEUS / "prometheus.yml")["scrape_configs"]
    called = {each["job_name"]: each.get("metrics_path") for each in scraped}
    assert all(called[job] == path for kind, job, path in found if kind == "ServiceMonitor")
    process_down = re.search(r'job=~"([^"]+)"', alerts()["QueueFlowProcessDown"]["expr"])
    assert process_down
    assert all(re.fullmatch(process_down[1], job) for _, job, _ in found)


def test_production_as_it_stands_needs_nothing_but_kubernetes(rendered):
    kinds = {each["apiVersion"].rpartition("/")[0] for each in rendered["production", None]}
    assert kinds <= {"", "apps", "batch", "policy", "networking.k8s.io", "rbac.authorization.k8s.io"}
    whole = {each["kind"] for each in rendered["production", "scaling-queueflow"]}
    assert whole >= {"Ingress", "ServiceMonitor", "PodMonitor"}


def test_the_ingress_of_production_is_about_the_site(rendered):
    objects = rendered["production", "scaling-queueflow"]
    ingress = next(each for each in objects if each["kind"] == "Ingress")
    service = next(each for each in objects if each["kind"] == "Service")
    config = next(each for each in processes(objects) if each.command == "web").environment
    (rule,), (tls,) = ingress["spec"]["rules"], ingress["spec"]["tls"]
    assert tls["hosts"] == [rule["host"]]
    assert rule["host"] in config["ALLOWED_HOSTS"].split(",")
    assert f"https://{rule['host']}" in config["CSRF_TRUSTED_ORIGINS"].split(",")
    backend = rule["http"]["paths"][0]["backend"]["service"]
    assert backend == {"name": service["metadata"]["name"], "port": {"name": service["spec"]["ports"][0]["name"]}}
    (size,) = ingress["metadata"]["annotations"].values()
    assert int(size.removesuffix("m")) * 2**20 >= read(config)[0].max_body_bytes


def test_production_believes_few_addresses_and_names_a_release(rendered):
    web = next(each for each in processes(rendered["production", None]) if each.command == "web")
    trusted = [ip_network(each) for each in web.environment["TRUSTED_PROXIES"].split(",")]
    assert sum(each.num_addresses for each in trusted) <= 16
    images = {container["image"] for each in workloads(rendered["production", None]) for container in containers(each)}
    assert all(re.search(r":v\d+\.\d+\.\d+$", image) for image in images)


def test_the_site_has_memory_for_all_simulations_at_once(objects: list[Object]):
    web = next(each for each in workloads(objects) if each["metadata"]["name"] == "queueflow-web")
    limit = web["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"]
    assert int(limit.removesuffix("Gi")) * 2**30 >= AT_ONCE * MEMORY + 2**30


def test_a_store_in_its_usual_places_is_reached_and_the_cluster_by_who_scales_it(objects: list[Object]):
    policies = {each["metadata"]["name"]: each["spec"] for each in objects if each["kind"] == "NetworkPolicy"}
    ports = {port["port"] for rule in policies["queueflow-stores"]["egress"] for port in rule["ports"]}
    assert ports == {53, 6379, 26379, 5432}
    sets = any(each["kind"] == "Role" for each in objects)
    assert ("queueflow-cluster" in policies) == sets


def test_the_scaler_may_change_the_deployment_of_its_pool_and_no_other(objects: list[Object], pods: list[Process]):
    for role in (each for each in objects if each["kind"] == "Role"):
        config = read(next(process for process in pods if process.command == "scaler").environment)[0]
        named = [rule["resourceNames"] for rule in role["rules"] if rule["apiGroups"] == ["apps"]]
        assert named == [[config.kubernetes_deployment]] * 2


def test_the_documentation_shows_the_same_rights(rendered):
    page = (ROOT / "docs" / "kubernetes.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```yaml\n(apiVersion: rbac.*?)^```", page, re.MULTILINE | re.DOTALL)
    role = next(each for each in rendered["production", "scaling-queueflow"] if each["kind"] == "Role")

    def rights(rules: list[Object]) -> list[Object]:
        return [rule | ({"resourceNames": "some"} if "resourceNames" in rule else {}) for rule in rules]

    assert rights(yaml.safe_load(shown)["rules"]) == rights(role["rules"])


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
