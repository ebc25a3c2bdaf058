"""What a backend in TASKS may be told besides its class and its queues."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final, TypedDict

from jobs import limits
from jobs.backoff import Backoff
from jobs.errors import InvalidJob

MAX_RETRIES: Final = 0  # what other backends do: a task that failed has failed
ON_COMMIT: Final = "enqueue_on_commit"
OLD_ON_COMMIT: Final = "ENQUEUE_ON_COMMIT"  # beside OPTIONS, as the framework had it before Django took it in


class TaskOptions(TypedDict):
    """What every job of a backend gets, as in `JobSpec`."""

    max_retries: int
    timeout: float | timedelta | None
    retention: float | timedelta | None
    backoff: Backoff | Mapping[str, float] | None


def _boolean(value: object, field: str) -> bool:
    if not isinstance(value, bool):
        raise InvalidJob(field, "give True or False")
    return value


_CHECKS: Final[dict[str, Callable[[object, str], object]]] = {
    "max_retries": limits.max_retries,
    "timeout": limits.timeout_ms,
    "retention": limits.duration_ms,
    "backoff": limits.backoff,
    ON_COMMIT: _boolean,
}


def problems_of(params: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(name, what is wrong with it) of each option that cannot be used."""
    options = params.get("OPTIONS", {})
    if not isinstance(options, Mapping):
        return [("OPTIONS", "give a dict")]
    given = dict(options)
    if OLD_ON_COMMIT in params:
        given.setdefault(ON_COMMIT, params[OLD_ON_COMMIT])
    problems = []
    for name, value in given.items():
        check = _CHECKS.get(name)
        if check is None:
            problems.append((str(name), f"unknown; there are {', '.join(_CHECKS)}"))
            continue
        try:
            check(value, name)
        except InvalidJob as error:
            problems.append((name, error.message))
    return problems


def job_options(options: Mapping[str, Any]) -> TaskOptions:
    """The options of every job of the backend. Durations in seconds."""
    return {
        "max_retries": options.get("max_retries", MAX_RETRIES),
        "timeout": options.get("timeout"),
        "retention": options.get("retention"),
        "backoff": options.get("backoff"),
    }


def enqueues_on_commit(params: Mapping[str, Any]) -> bool:
    """Whether jobs wait for the transaction around their enqueue to commit."""
    return params.get("OPTIONS", {}).get(ON_COMMIT, params.get(OLD_ON_COMMIT, False)) is True
