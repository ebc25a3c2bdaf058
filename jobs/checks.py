"""Django system checks: a configuration that makes no sense is refused before anything starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from jobs.conf import ConfigProblem


def as_error(problem: ConfigProblem) -> Error:
    """Return the check message of one refused variable."""
    return Error(f"{problem.name}={problem.value!r} is refused.", hint=problem.hint, id="queueflow.E001")


@register(Tags.compatibility)
def check_configuration(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Report each environment variable that was refused, with its value and a hint."""
    problems: tuple[ConfigProblem, ...] = getattr(settings, "QUEUEFLOW_PROBLEMS", ())
    return [as_error(problem) for problem in problems]
