"""The processes that manifests start, read from rendered objects of Kubernetes and from the compose file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import yaml

from .installations import ROOT
from .kustomize import Object, variables

COMPOSE: Final = ROOT / "deploy" / "docker" / "docker-compose.yml"
OURS: Final = "queueflow"
_VARIABLE: Final = re.compile(r"\$\{([A-Z_]+)(?::([-?])([^}]*))?\}")
_REFERENCE: Final = re.compile(r"\$\(([A-Z_]+)\)")
_SECONDS: Final = re.compile(r"(\d+)s")


@dataclass(frozen=True)
class Process:
    """One container of ours. `probes` are (kind, path, port); `grace` is what the orchestrator waits after SIGTERM and
    `pre_stop` what it runs before, if anything.
    """

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    workload: Mapping[str, Any]
    port: int | None = None
    probes: tuple[tuple[str, str, int], ...] = ()
    grace: int | None = None
    pre_stop: tuple[str, ...] = ()
    helpers: frozenset[str] = field(default_factory=frozenset)

    @property
    def command(self) -> str:
        """The word after manage.py."""
        return self.arguments[0]


def workloads(objects: Sequence[Object]) -> list[Object]:
    """Those that have pods of our image."""
    return [each for each in objects if any(is_ours(container) for container in containers(each))]


def containers(each: Object) -> list[Object]:
    """Of the pods of an object, those before the others first."""
    pod = each.get("spec", {}).get("template", {}).get("spec", {}) if each["kind"] != "CustomResourceDefinition" else {}
    return [*pod.get("initContainers", ()), *pod.get("containers", ())]


def is_ours(container: Object) -> bool:
    """Whether it runs our image."""
    return str(container["image"]).split("/")[-1].split(":")[0] == OURS


def processes(objects: Sequence[Object]) -> list[Process]:
    """Each container of ours in rendered objects."""
    return [
        _process(objects, each, container)
        for each in workloads(objects)
        for container in containers(each)
        if is_ours(container)
    ]


def _process(objects: Sequence[Object], each: Object, container: Object) -> Process:
    ports = {port["name"]: port["containerPort"] for port in container.get("ports", ())}
    kinds = [kind for kind in ("startupProbe", "readinessProbe", "livenessProbe") if kind in container]
    probes = [(kind, asked["path"], ports[asked["port"]]) for kind in kinds for asked in [container[kind]["httpGet"]]]
    environment, helpers = _environment(objects, container)
    return Process(
        name=f"{each['metadata']['name']}/{container['name']}",
        arguments=tuple(container["args"]),
        environment=environment,
        workload=each,
        port=next(iter(ports.values()), None),
        probes=tuple(probes),
        grace=each["spec"]["template"]["spec"].get("terminationGracePeriodSeconds"),
        pre_stop=tuple(container.get("lifecycle", {}).get("preStop", {}).get("exec", {}).get("command", ())),
        helpers=helpers,
    )


def _environment(objects: Sequence[Object], container: Object) -> tuple[dict[str, str], frozenset[str]]:
    """What the container gets, with references put in, and the names that are there to be referred to."""
    told = {(each["kind"], each["metadata"]["name"]): each.get("data", {}) for each in objects}
    values: dict[str, str] = {}
    for source in container.get("envFrom", ()):
        kind, key = ("ConfigMap", "configMapRef") if "configMapRef" in source else ("Secret", "secretRef")
        values |= told[kind, source[key]["name"]]
    helpers: set[str] = set()
    for each in container.get("env", ()):
        origin = each.get("valueFrom", {})
        if "configMapKeyRef" in origin:
            values[each["name"]] = told["ConfigMap", origin["configMapKeyRef"]["name"]][
                origin["configMapKeyRef"]["key"]
            ]
        elif "fieldRef" in origin:
            values[each["name"]] = "127.0.0.1"  # the address of this pod
        else:
            helpers |= set(_REFERENCE.findall(each["value"]))
            values[each["name"]] = _REFERENCE.sub(lambda match: values[match[1]], each["value"])
    return values, frozenset(helpers)


def given(text: str, values: Mapping[str, str]) -> str:
    """A text of the compose file with variables put in, as compose does it. Raises KeyError for one it insists on."""

    def value(match: re.Match[str]) -> str:
        name, sign, word = match.groups()
        return values.get(name) or word if sign == "-" else values[name]

    return _VARIABLE.sub(value, text)


@cache
def compose() -> dict[str, Any]:
    """The compose file."""
    read: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return read


def seconds(text: str) -> int:
    """Of a duration like 40s."""
    match = _SECONDS.fullmatch(text)
    assert match, text
    return int(match[1])


def told_by_files(service: Mapping[str, Any]) -> dict[str, str]:
    """What the files say that a service names for its environment."""
    files = [COMPOSE.with_name(name).read_text(encoding="utf-8") for name in service.get("env_file", ())]
    return {name: value for text in files for name, value in variables(text).items()}


def compose_processes(values: Mapping[str, str]) -> list[Process]:
    """Each service of ours."""
    return [
        Process(
            name=name,
            arguments=tuple(service["command"]),
            environment=told_by_files(service)
            | {key: given(text, values) for key, text in service["environment"].items()},
            workload=service,
            grace=seconds(service["stop_grace_period"]),
        )
        for name, service in compose()["services"].items()
        if given(service["image"], values).startswith(OURS)
    ]
