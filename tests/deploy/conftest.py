"""Every way in which deploy/k8s can be applied, rendered once."""

from __future__ import annotations

from pathlib import Path

import pytest

from .installations import OVERLAYS, SCALINGS, SECRETS, copied, with_scaling
from .kustomize import Object, render
from .manifests import Process, compose_processes, processes

WAYS = tuple((overlay, scaling) for overlay in OVERLAYS for scaling in (None, *SCALINGS))


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str | None], list[Object]]:
    """The objects of each overlay as it is, and with each of the components scaling-*."""
    return {way: _render(tmp_path_factory.mktemp("deploy"), *way) for way in WAYS}


def _render(folder: Path, overlay: str, scaling: str | None) -> list[Object]:
    place = copied(folder)
    return render(with_scaling(place, overlay, scaling) if scaling else place / "overlays" / overlay)


@pytest.fixture(params=WAYS, ids=lambda way: "-".join(filter(None, way)))
def objects(request: pytest.FixtureRequest, rendered: dict[tuple[str, str | None], list[Object]]) -> list[Object]:
    """The objects of one of them."""
    return rendered[request.param]


@pytest.fixture
def pods(objects: list[Object]) -> list[Process]:
    """Their containers of ours."""
    return processes(objects)


@pytest.fixture(params=(*WAYS, ("compose",)), ids=lambda way: "-".join(filter(None, way)))
def all_processes(
    request: pytest.FixtureRequest, rendered: dict[tuple[str, str | None], list[Object]], services: list[Process]
) -> list[Process]:
    """Those of one of them, or of the compose file."""
    return processes(rendered[request.param]) if request.param in rendered else services


@pytest.fixture
def services() -> list[Process]:
    """Ours of the compose file."""
    return compose_processes(SECRETS | {"GRAFANA_PASSWORD": "pw"})
