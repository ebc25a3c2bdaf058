"""Reads a handler's signature: what it takes, under which annotation, and how it is to be called."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from inspect import Parameter
from types import SimpleNamespace
from typing import Any, Final, get_type_hints

from jobs.errors import ConfigError

from .context import JobContext

JOB: Final = "job"
_POSITIONAL = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True)
class Signature:
    """How to call a handler: `call(function)` gives a function of (payload value, job). `kind` is the payload's type.

    `order` has "payload" and "job" for positional arguments as they come; `by_name` the names given as keywords.
    """

    order: tuple[str, ...]
    by_name: tuple[tuple[str, str], ...]
    kind: Any

    def caller(self, function: Callable[..., Any]) -> Callable[[object, JobContext], object]:
        """Return the function of (payload value, job) that calls `function` with what it takes."""
        if self.by_name:
            return self._caller_by_name(function)
        if self.order == ("payload", JOB):
            return function
        if self.order == (JOB, "payload"):
            return lambda value, job: function(job, value)
        if self.order == (JOB,):
            return lambda value, job: function(job)
        if self.order == ("payload",):
            return lambda value, job: function(value)
        return lambda value, job: function()

    def _caller_by_name(self, function: Callable[..., Any]) -> Callable[[object, JobContext], object]:
        def call(value: object, job: JobContext) -> object:
            given = {"payload": value, JOB: job}
            positional = [given[role] for role in self.order]
            return function(*positional, **{name: given[role] for name, role in self.by_name})

        return call


def read(function: Callable[..., Any]) -> Signature:
    """Return the signature of a handler: at most one parameter for the payload and one for the job.

    The job's is the one named `job` or annotated as Job. Raises ConfigError for any other parameter without a default,
    for `*args` and `**kwargs`, and for an annotation that names nothing.
    """
    annotations = _annotations(inspect.unwrap(function))
    order: list[str] = []
    by_name: list[tuple[str, str]] = []
    kind: Any = Any
    for parameter in _parameters(function):
        if parameter.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD):
            raise ConfigError(f"it takes {parameter}, and a handler takes a payload and a job")
        annotation = annotations.get(parameter.name, Any)
        role = JOB if parameter.name == JOB or annotation is JobContext else "payload"
        if role in (*order, *(taken for _, taken in by_name)):
            if parameter.default is Parameter.empty:
                raise ConfigError(f"it takes {parameter.name!r}, and a handler takes one payload and one job")
            continue
        if role == "payload":
            kind = annotation
        if parameter.kind in _POSITIONAL:
            order.append(role)
        else:
            by_name.append((parameter.name, role))
    return Signature(tuple(order), tuple(by_name), kind)


def _parameters(function: Callable[..., Any]) -> list[Parameter]:
    if sys.version_info >= (3, 14):
        from annotationlib import Format

        return list(inspect.signature(function, annotation_format=Format.FORWARDREF).parameters.values())
    return list(inspect.signature(function).parameters.values())


def _annotations(function: Callable[..., Any]) -> dict[str, Any]:
    """The annotations of the parameters, each resolved by itself: one that only a type checker can see may stay."""
    if sys.version_info >= (3, 14):
        from annotationlib import Format, get_annotations

        written = get_annotations(function, format=Format.FORWARDREF)
    else:
        written = inspect.get_annotations(function)
    return {name: _resolved(function, name, value) for name, value in written.items() if name != "return"}


def _resolved(function: Callable[..., Any], name: str, written: Any) -> Any:
    one = SimpleNamespace(__annotations__={name: written})
    try:
        return get_type_hints(one, getattr(function, "__globals__", {}), include_extras=True)[name]
    except Exception as error:  # evaluating an annotation runs whatever it says
        if name == JOB:
            return JobContext
        raise ConfigError(f"the annotation of {name!r} cannot be read: {error}") from error
