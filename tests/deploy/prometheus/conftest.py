"""The API's fixtures, for what a web process exports."""

from tests.api.conftest import api, api_config, key, use

__all__ = ["api", "api_config", "key", "use"]
