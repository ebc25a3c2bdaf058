"""`@handler`: declares a function as the handler of one job type."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from jobs import limits
from jobs.backoff import Backoff
from jobs.errors import ConfigError, InvalidJob
from jobs.types import DEFAULT_QUEUE, DEFAULT_RETENTION, Priority

from . import signature, typed
from .registry import Handler, Registry
from .registry import registry as process_registry

F = TypeVar("F", bound=Callable[..., Any])


def handler(
    name: str,
    *,
    queue: str = DEFAULT_QUEUE,
    priority: Priority | str = Priority.NORMAL,
    timeout: float | timedelta | None = None,
    max_retries: int = 3,
    backoff: Backoff | Mapping[str, float] | None = None,
    retention: float | timedelta | None = None,
    registry: Registry = process_registry,
) -> Callable[[F], F]:
    """Declare the function below as the handler of jobs of type `name`; it stays a plain function.

    The settings are what its jobs get unless their enqueue says otherwise. timeout, retention: seconds (or a
    timedelta), None for the installation's; retention 0 keeps nothing. max_retries: 0 to 100. backoff: seconds.

    The function, sync or async, takes the payload, typed by its annotation (a msgspec Struct, dataclass, TypedDict,
    pydantic model, or dict and the like; none for any JSON), and, if it has a parameter named `job` or annotated as
    Job, the job. What it returns is the job's result, and must be JSON.

    Raises ConfigError that names the handler and what is wrong with it, or both places if the name is taken.
    """

    def register(function: F) -> F:
        try:
            settings = {
                "name": limits.job_type(name, "name"),
                "queue": limits.queue(queue, "queue"),
                "priority": limits.priority(priority, "priority"),
                "timeout_ms": None if timeout is None else limits.timeout_ms(timeout, "timeout"),
                "max_retries": limits.max_retries(max_retries, "max_retries"),
                "backoff": None if backoff is None else limits.backoff(backoff, "backoff"),
                "retention_ms": DEFAULT_RETENTION if retention is None else limits.duration_ms(retention, "retention"),
                **_reading(function),
            }
        except (InvalidJob, ConfigError) as error:
            raise ConfigError(f"handler {name!r} ({_place(function)}): {error}") from error
        registry.add(Handler(function=function, **settings))
        return function

    return register


def _reading(function: Callable[..., Any]) -> dict[str, Any]:
    """What the function itself says: how it is called, what it takes, whether it is async."""
    if not inspect.isroutine(function):
        raise ConfigError("it is no function")
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise ConfigError("it has a yield, and a handler returns its result")
    found = signature.read(function)
    return {
        "convert": typed.converter(found.kind),
        "call": found.caller(function),
        "is_async": inspect.iscoroutinefunction(function),
        "payload_type": "" if found.kind in (Any, object) else typed.type_name(found.kind),
    }


def _place(function: object) -> str:
    return f"{getattr(function, '__module__', '?')}.{getattr(function, '__qualname__', repr(function))}"
