"""What `manage.py check` says of monitoring's own settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.utils.module_loading import import_string

from .health_part import HealthPart


def check_health_parts(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """Every part of the health report can be made."""
    return [_error(path, why) for path in settings.QUEUEFLOW_HEALTH_PARTS if (why := _wrong(path))]


def _wrong(path: str) -> str:
    try:
        found = import_string(path)
    except ImportError as error:
        return str(error)
    if not isinstance(found, type) or not issubclass(found, HealthPart):
        return "it is no subclass of monitoring.health_part.HealthPart"
    return ""


def _error(path: str, why: str) -> CheckMessage:
    hint = "give the dotted paths of subclasses of monitoring.health_part.HealthPart"
    return Error(f"QUEUEFLOW_HEALTH_PARTS has {path!r}: {why}", hint=hint, id="monitoring.E001")
