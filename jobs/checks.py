"""Django system checks: a configuration that makes no sense is refused before anything starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from .conf import Config, ConfigProblem

LOOPBACK_HOSTS = frozenset({None, "localhost", "127.0.0.1", "::1"})


def as_error(problem: ConfigProblem) -> Error:
    """Return the check message of one refused variable."""
    return Error(f"{problem.name}={problem.value!r} is refused.", hint=problem.hint, id="queueflow.E001")


@register(Tags.compatibility)
def check_configuration(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Report each environment variable that was refused, with its value and a hint."""
    problems: tuple[ConfigProblem, ...] = getattr(settings, "QUEUEFLOW_PROBLEMS", ())
    return [as_error(problem) for problem in problems]


@register(Tags.database, deploy=True)
def check_database(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse SQLite for a deployment over several hosts: each would have a database of its own."""
    config: Config = settings.QUEUEFLOW
    engine = settings.DATABASES["default"]["ENGINE"]
    if (
        not engine.endswith("sqlite3")
        or config.redis_url is None
        or urlsplit(config.redis_url).hostname in LOOPBACK_HOSTS
    ):
        return []
    message = "SQLite serves one host, and the store is on another one."
    return [Error(message, hint="Set DATABASE_URL to a PostgreSQL database.", id="queueflow.E002")]
