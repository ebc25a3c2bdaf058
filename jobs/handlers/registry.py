"""The handlers that this process knows, by the job type each runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from jobs import payload as payloads
from jobs.backoff import Backoff
from jobs.errors import ConfigError
from jobs.types import DEFAULT_QUEUE, DEFAULT_RETENTION, Priority

from .context import JobContext

Function = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Handler:
    """A function that runs jobs of one type, and what those jobs get unless their enqueue says otherwise.

    `timeout_ms` None: the installation's JOB_TIMEOUT. `backoff` None: the default one. `retention_ms` -1: the
    installation's. `payload_type` is for people, "" where any JSON is taken. `queues`: others that its jobs may lie in,
    so that workers serve them too. `companion`: a module that workers import with the handlers, once all are known.
    """

    name: str
    function: Function
    convert: Callable[[object], object]
    call: Callable[[object, JobContext], object]
    is_async: bool = False
    queue: str = DEFAULT_QUEUE
    priority: Priority = Priority.NORMAL
    timeout_ms: int | None = None
    max_retries: int = 3
    backoff: Backoff | None = None
    retention_ms: int = DEFAULT_RETENTION
    payload_type: str = ""
    queues: tuple[str, ...] = ()
    companion: str = ""

    def decode(self, payload: bytes) -> object:
        """Return the typed value of a stored payload. Raises InvalidJob with the field that does not fit."""
        return self.convert(payloads.decode(payload))

    @property
    def path(self) -> str:
        """The dotted path of the function."""
        return f"{self.function.__module__}.{self.function.__qualname__}"

    @property
    def place(self) -> str:
        """Where the function is: dotted path, file and line."""
        code = getattr(self.function, "__code__", None)
        return f"{self.path} ({code.co_filename}:{code.co_firstlineno})" if code else self.path


class Registry:
    """Handlers by name. Filled while modules are imported, read by everybody after that."""

    def __init__(self) -> None:
        self._handlers: dict[str, Handler] = {}

    def add(self, handler: Handler) -> None:
        """Register a handler; the same function again (a reloaded module) takes the place of its older self.

        Raises ConfigError when another function has the name.
        """
        known = self._handlers.get(handler.name)
        if known is not None and known.path != handler.path:
            raise ConfigError(f"two handlers for job type {handler.name!r}: {known.place} and {handler.place}")
        self._handlers[handler.name] = handler

    def remove(self, name: str) -> None:
        """Forget a handler, if it is known; for tests."""
        self._handlers.pop(name, None)

    def get(self, name: str) -> Handler | None:
        """Return the handler of a job type, or None."""
        return self._handlers.get(name)

    def types(self) -> frozenset[str]:
        """Return the job types that this process can run."""
        return frozenset(self._handlers)

    def __iter__(self) -> Iterator[Handler]:
        return iter(sorted(self._handlers.values(), key=lambda handler: handler.name))

    def __len__(self) -> int:
        return len(self._handlers)


registry = Registry()
