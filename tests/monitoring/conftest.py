"""The API's fixtures serve the pages as well."""

import pytest

from monitoring import frame
from tests.api.conftest import api, api_config, key, kit, use

__all__ = ["api", "api_config", "key", "kit", "use"]


@pytest.fixture(autouse=True)
def forgotten_frame() -> None:
    """Let no test see the frame of the one before: another store may be at the same address."""
    frame.keep(frame.UNKNOWN, seconds=0)
