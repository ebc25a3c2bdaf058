"""The API's fixtures serve the pages as well."""

from tests.api.conftest import api, api_config, key, kit, use

__all__ = ["api", "api_config", "key", "kit", "use"]
