"""Hooks around jobs: a middleware is a class that overrides some; QUEUEFLOW_MIDDLEWARE lists them.

`before` hooks run in the order of the list, all others in reverse. A hook that fails is logged and never loses a job.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, Final

from django.conf import settings
from django.utils.module_loading import import_string

from .errors import ConfigError, FlowSignal
from .handlers.context import JobContext
from .logs import get_logger
from .types import Enqueued, JobRequest

SETTING: Final = "QUEUEFLOW_MIDDLEWARE"

logger = get_logger(__name__)


class Middleware:
    """Does nothing at every step; a subclass overrides what it needs and is made once a process, without arguments.

    Hooks run in the thread that enqueues or runs the job, for an async handler on its event loop, and are waited for:
    they must not block.
    """

    def before_enqueue(self, request: JobRequest) -> JobRequest | None:
        """Called with a checked request; may return another one of the same id and type in its place.

        Of many jobs those of the next batch come here while the store works on the last one: what is asked of the
        store here adds to the time until its answer is read.
        """

    def after_enqueue(self, request: JobRequest, enqueued: Enqueued) -> None:
        """Called when the store has the job; also for a repeat, where `enqueued.created` is False."""

    def before_run(self, job: JobContext) -> None:
        """Called before the handler. It may raise Retry, Snooze or Discard instead of it."""

    def after_run(self, job: JobContext, result: object) -> None:
        """Called when the handler has returned, before that is recorded."""

    def on_failure(self, job: JobContext, error: BaseException) -> None:
        """Called when the handler has raised, before that is recorded; not for Retry, Snooze and Discard."""

    def on_settled(self, job: JobContext, outcome: str) -> None:
        """Called when the store has recorded how the execution ended; `outcome` is one of `events.EventName`."""


class Chain:
    """The middleware of a process, in order. Falsy without any; a hook that nobody overrides costs nothing."""

    def __init__(self, middleware: Iterable[Middleware] = ()) -> None:
        self._members = tuple(middleware)
        self._before_enqueue = self._hooks("before_enqueue")
        self._after_enqueue = self._hooks("after_enqueue")[::-1]
        self._before_run = self._hooks("before_run")
        self._after_run = self._hooks("after_run")[::-1]
        self._on_failure = self._hooks("on_failure")[::-1]
        self._on_settled = self._hooks("on_settled")[::-1]

    def __bool__(self) -> bool:
        return bool(self._members)

    def __iter__(self) -> Iterator[Middleware]:
        return iter(self._members)

    def before_enqueue(self, request: JobRequest) -> JobRequest:
        """Return the request as the hooks leave it."""
        for hook in self._before_enqueue:
            changed = _safely(hook, request)
            if isinstance(changed, JobRequest) and (changed.id, changed.type) == (request.id, request.type):
                request = changed
            elif changed is not None:
                logger.error("a middleware returned no request for the same job", hook=hook.__qualname__)
        return request

    def after_enqueue(self, request: JobRequest, enqueued: Enqueued) -> None:
        """Call the hooks after an enqueue."""
        for hook in self._after_enqueue:
            _safely(hook, request, enqueued)

    def before_run(self, job: JobContext) -> None:
        """Call the hooks before the handler. Raises the Retry, Snooze or Discard that one of them raises."""
        for hook in self._before_run:
            try:
                hook(job)
            except FlowSignal:
                raise
            except Exception as error:
                _report(hook, error)

    def after_run(self, job: JobContext, result: object) -> None:
        """Call the hooks after the handler returned."""
        for hook in self._after_run:
            _safely(hook, job, result)

    def on_failure(self, job: JobContext, error: BaseException) -> None:
        """Call the hooks after the handler raised."""
        for hook in self._on_failure:
            _safely(hook, job, error)

    def on_settled(self, job: JobContext, outcome: str) -> None:
        """Call the hooks after the end of an execution was recorded."""
        for hook in self._on_settled:
            _safely(hook, job, outcome)

    def _hooks(self, name: str) -> tuple[Callable[..., Any], ...]:
        overriding = (each for each in self._members if getattr(type(each), name) is not getattr(Middleware, name))
        return tuple(getattr(each, name) for each in overriding)


def load(paths: Iterable[str]) -> Chain:
    """Make the middleware at dotted paths. Raises ConfigError for one that is none or cannot be made."""
    members = []
    for path in paths:
        try:
            made = import_string(path)()
        except Exception as error:  # importing and making it runs the user's code
            raise ConfigError(f"{SETTING}: {path} cannot be made: {type(error).__name__}: {error}") from error
        if not isinstance(made, Middleware):
            raise ConfigError(f"{SETTING}: {path} is no subclass of jobs.middleware.Middleware")
        members.append(made)
    return Chain(members)


@cache
def get_chain() -> Chain:
    """Return the middleware of this process (`settings.QUEUEFLOW_MIDDLEWARE`). Raises ConfigError."""
    return load(getattr(settings, SETTING, ()))


def _safely(hook: Callable[..., Any], *arguments: object) -> Any:
    try:
        return hook(*arguments)
    except Exception as error:
        _report(hook, error)
        return None


def _report(hook: Callable[..., Any], error: Exception) -> None:
    logger.error("a middleware failed", hook=hook.__qualname__, exc_info=error)
