"""What every template finds besides its view's context."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from jobs.conf import get_config
from jobs.errors import ConfigError

from .frame import latest_frame


def frame(request: HttpRequest) -> dict[str, Any]:
    """`frame`, as known without asking the store (views that can ask put a fresh one over it), and `environment`."""
    try:
        config = get_config()
    except ConfigError:
        return {"frame": latest_frame(), "environment": None}
    environment = {"name": config.environment_name, "color": config.environment_color, "release": config.release}
    return {"frame": latest_frame(), "environment": environment}
