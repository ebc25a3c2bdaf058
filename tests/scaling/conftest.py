"""What several kinds of tests of scaling need."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from scaling.actuators import cluster as clusters
from scaling.actuators import server as servers
from tests.scaling.actuators.api_server import ApiServer


@pytest.fixture(scope="session")
def kubernetes_client() -> None:
    """Import the client, which takes its time, before any lease runs."""
    for part in ("apps_v1", "core_v1", "autoscaling_v2", "custom_objects"):
        importlib.import_module(f"kubernetes.client.api.{part}_api")


@pytest.fixture
def server(kubernetes_client: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    """Give an API server of Kubernetes, and let the client find it and have time on a machine that is busy."""
    made = ApiServer(tmp_path)
    for module, name in ((servers, "LOADING"), (servers, "BUDGET"), (servers, "PATIENCE"), (clusters, "PRICING")):
        monkeypatch.setattr(module, name, 60.0)
    monkeypatch.setenv("KUBECONFIG", str(made.kubeconfig))
    monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(made.kubeconfig))
    yield made
    made.close()
