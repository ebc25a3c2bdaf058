"""What `kubectl kustomize` makes of a folder, without kubectl: as much of it as deploy/k8s uses, and no less unsaid.

`python -m tests.deploy kubernetes` compares it with kubectl's own, but for the hashes at the end of generated names.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

Object = dict[str, Any]
HEAD: Final = {"apiVersion", "kind"}
CLUSTER_WIDE: Final = {"Namespace"}
SELECTORS: Final = {
    "Deployment": ("spec.selector.matchLabels", "spec.template.metadata.labels"),
    "Job": ("spec.template.metadata.labels",),
    "PodDisruptionBudget": ("spec.selector.matchLabels",),
    "Service": ("spec.selector",),
}


class Refused(ValueError):
    """kustomize would refuse it, or does something here that this module does not know."""


def render(folder: Path) -> list[Object]:
    """The objects of an overlay, in no particular order. Raises Refused."""
    found: list[Object] = []
    _accumulate(folder.resolve(), found)
    return found


def _accumulate(folder: Path, found: list[Object]) -> None:
    """Do to `found` what the kustomization in a folder says, in kustomize's order."""
    said = yaml.safe_load((folder / "kustomization.yaml").read_text(encoding="utf-8"))
    if unknown := said.keys() - HEAD - STEPS.keys():
        raise Refused(f"{folder}: {sorted(unknown)} are not known here")
    own: list[Object] = [] if said["kind"] == "Kustomization" else found
    for name, step in STEPS.items():
        if name in said:
            step(own, said[name], folder)
    if own is not found:
        for each in own:
            _add(found, each)


def _add(found: list[Object], added: Object) -> None:
    if any(_identity(each) == _identity(added) for each in found):
        raise Refused(f"there is already a {' '.join(_identity(added))}")
    found.append(added)


def _identity(each: Object) -> tuple[str, str, str]:
    return each["apiVersion"], each["kind"], each["metadata"]["name"]


def _take_resources(own: list[Object], names: Iterable[str], folder: Path) -> None:
    for name in names:
        if (folder / name).is_dir():
            _accumulate((folder / name).resolve(), own)
        else:
            for each in yaml.safe_load_all((folder / name).read_text(encoding="utf-8")):
                _add(own, copy.deepcopy(each))  # what an anchor was for is two things from here on


def _take_components(own: list[Object], names: Iterable[str], folder: Path) -> None:
    for name in names:
        _accumulate((folder / name).resolve(), own)


def variables(text: str) -> dict[str, str]:
    """What a file of NAME=value lines says."""
    lines = (line.strip() for line in text.splitlines())
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def _generate(kind: str) -> Callable[[list[Object], Iterable[Object], Path], None]:
    def step(own: list[Object], orders: Iterable[Object], folder: Path) -> None:
        for order in orders:
            data: dict[str, str] = {}
            for name in order.get("envs", ()):
                data |= variables((folder / name).read_text(encoding="utf-8"))
            data |= variables("\n".join(order.get("literals", ())))
            made = {"apiVersion": "v1", "kind": kind, "metadata": {"name": order["name"]}, "data": data}
            if order.get("behavior") == "merge":
                found = next(each for each in own if _identity(each) == _identity(made))
                found["data"] |= data
            else:
                _add(own, made)

    return step


def _label(own: list[Object], orders: Iterable[Object], folder: Path) -> None:
    for order in orders:
        for each in own:
            each["metadata"].setdefault("labels", {}).update(order["pairs"])
            for path in SELECTORS.get(each["kind"], ()):
                _place(each, path.split(".")).update(order["pairs"])


def _place(each: Any, path: Iterable[str]) -> Any:
    """What lies at a path; missing maps on the way are made."""
    for step in path:
        each = each[int(step)] if isinstance(each, list) else each.setdefault(step, {})
    return each


def _patch(own: list[Object], orders: Iterable[Object], folder: Path) -> None:
    for order in orders:
        target = order["target"]
        hit = [
            each
            for each in own
            if each["kind"] == target["kind"] and re.fullmatch(target.get("name", ".*"), each["metadata"]["name"])
        ]
        if not hit:
            raise Refused(f"no object is {target}")
        for each in hit:
            for change in yaml.safe_load(order["patch"]):
                _replace(each, change)


def _replace(each: Object, change: Mapping[str, Any]) -> None:
    *way, last = change["path"].strip("/").split("/")
    place = _place(each, way)
    if change["op"] != "replace" or last not in place:
        raise Refused(f"{change} is not known here")
    place[last] = change["value"]


def _name_space(own: list[Object], namespace: str, folder: Path) -> None:
    for each in own:
        if each["kind"] not in CLUSTER_WIDE:
            each["metadata"]["namespace"] = namespace
        for subject in each.get("subjects", ()):
            subject["namespace"] = namespace


def _set_images(own: list[Object], orders: Iterable[Object], folder: Path) -> None:
    told = {order["name"]: order for order in orders}
    for each in own:
        pod = each.get("spec", {}).get("template", {}).get("spec", {})
        for container in [*pod.get("initContainers", ()), *pod.get("containers", ())]:
            if order := told.get(container["image"]):
                container["image"] = f"{order.get('newName', order['name'])}:{order['newTag']}"


STEPS: Final[dict[str, Callable[[list[Object], Any, Path], None]]] = {
    "resources": _take_resources,
    "configMapGenerator": _generate("ConfigMap"),
    "secretGenerator": _generate("Secret"),
    "components": _take_components,
    "patches": _patch,
    "namespace": _name_space,
    "labels": _label,
    "images": _set_images,
}
