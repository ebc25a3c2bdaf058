"""Reads query strings strictly: unknown and repeated parameters and wrong values are refused, each named."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from django.http import QueryDict

from .problems import FieldError, invalid

S = TypeVar("S", bound=msgspec.Struct)
UNKNOWN: Final = "there is no such parameter"
REPEATED: Final = "give this parameter once"
_FLAGS: Final = {"true": True, "false": False}
_WHOLE = re.compile(r"-?[0-9]{1,18}\Z", re.ASCII)


class Nothing(msgspec.Struct, frozen=True):
    """The query of an endpoint without parameters."""


class _Parameter:
    """One field of a query Struct. A tuple's parameter may be repeated."""

    __slots__ = ("is_flag", "is_whole", "kind", "name", "repeats")

    def __init__(self, name: str, kind: Any) -> None:
        self.name = name
        self.repeats = get_origin(_bare(kind)) is tuple
        self.kind = kind
        self.is_whole = _bare(kind) is int
        self.is_flag = _bare(kind) is bool


def _bare(kind: Any) -> Any:
    """`kind` without constraints and without None beside it."""
    while not isinstance(kind, type) or get_args(kind):
        parts = [part for part in get_args(kind) if part is not type(None)]
        if get_origin(kind) is tuple or not parts:
            break
        kind = parts[0]
    return kind


@cache
def _parameters(kind: type[msgspec.Struct]) -> dict[str, _Parameter]:
    hints = get_type_hints(kind, include_extras=True)
    return {field.encode_name: _Parameter(field.name, hints[field.name]) for field in msgspec.structs.fields(kind)}


def read_query(kind: type[S], query: QueryDict) -> S:
    """The values of a query string. Raises Problem 422 with every parameter that is wrong."""
    known = _parameters(kind)
    errors: list[FieldError] = []
    given: dict[str, Any] = {}
    for name, values in query.lists():
        parameter = known.get(name)
        if parameter is None:
            errors.append(FieldError(name[:80], UNKNOWN))
        elif len(values) > 1 and not parameter.repeats:
            errors.append(FieldError(name, REPEATED))
        else:
            try:
                given[parameter.name] = _value(parameter, [str(value) for value in values])
            except msgspec.ValidationError as error:
                errors.append(FieldError(name, str(error).partition(" - at ")[0].replace("`", "")))
    if errors:
        raise invalid(errors)
    return kind(**given)


def _value(parameter: _Parameter, values: list[str]) -> Any:
    if parameter.repeats:
        return msgspec.convert(values, parameter.kind)
    if parameter.is_whole:
        if not _WHOLE.match(values[0]):
            raise msgspec.ValidationError("Expected a whole number")
        return msgspec.convert(int(values[0]), parameter.kind)
    if parameter.is_flag:
        if values[0] not in _FLAGS:
            raise msgspec.ValidationError("Expected true or false")
        return _FLAGS[values[0]]
    return msgspec.convert(values[0], parameter.kind)
