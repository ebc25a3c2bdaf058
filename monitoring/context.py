"""What every template finds besides its view's context."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from jobs.conf import get_config
from jobs.errors import ConfigError

from .frame import UNKNOWN


def frame(request: HttpRequest) -> dict[str, Any]:
    """`frame`, which says nothing (`monitoring.pages.show` puts one over it that does), and `environment`."""
    try:
        config = get_config()
    except ConfigError:
        return {"frame": UNKNOWN, "environment": None}
    environment = {"name": config.environment_name, "color": config.environment_color, "release": config.release}
    return {"frame": UNKNOWN, "environment": environment}
