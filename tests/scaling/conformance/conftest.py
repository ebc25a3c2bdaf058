"""Every strategy there is, ours and one from a package outside this tree."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator

import pytest

from scaling.strategies import loading
from scaling.strategies.lookup import BUILT_IN

from .outside import NAME, install


@pytest.fixture(scope="package", autouse=True)
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Install the package of somebody else."""
    folder = tmp_path_factory.mktemp("site")
    install(folder)
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    yield
    sys.path.remove(str(folder))
    loading._loads.clear()


@pytest.fixture(params=[*BUILT_IN, NAME])
def name(request: pytest.FixtureRequest) -> str:
    """Give each strategy's name in turn."""
    return str(request.param)
