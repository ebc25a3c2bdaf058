"""The API's fixtures, for what a web process exports."""

import pytest

from tests.api.conftest import api, api_config, key, use
from tests.api.short_way import ShortWayClient

from .exported import of_processes, of_the_installation

__all__ = ["api", "api_config", "key", "use"]


@pytest.fixture
def exported(api):
    """Names and labels of what a web process and a pool export; `api` sets up the former."""
    answer = ShortWayClient().get("/api/types", headers=api.headers)
    assert answer.status_code == 200  # so that requests with a key have been counted
    return of_the_installation() | of_processes()
