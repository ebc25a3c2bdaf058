"""What every template finds besides its view's context."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from jobs.clock import isoformat
from jobs.conf import get_config
from jobs.errors import ConfigError

from . import store_clock
from .frame import UNKNOWN


def frame(request: HttpRequest) -> dict[str, Any]:
    """`frame`, which says nothing (`monitoring.pages.show` puts one over it that does), `store_now`, `environment`."""
    said = {"frame": UNKNOWN, "store_now": isoformat(store_clock.now_ms()), "environment": None}
    try:
        config = get_config()
    except ConfigError:
        return said
    environment = {"name": config.environment_name, "color": config.environment_color, "release": config.release}
    return {**said, "environment": environment}
