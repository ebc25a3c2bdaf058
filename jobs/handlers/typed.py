"""From the JSON value of a payload to the type that a handler is annotated with.

Values are read by the standard library and only then converted, so that integers of any size stay what they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, get_args, get_origin

import msgspec

from jobs.errors import ConfigError, InvalidJob

Convert = Callable[[object], object]

_AT_PATH: Final = re.compile(r"(?P<words>.*?)(?: - at (?P<key>`key` in )?`\$(?P<path>.*)`)?", re.DOTALL)
_JSON_NAMES: Final = {"list": "array"}
_PYDANTIC_MARK: Final = "__pydantic_validator__"


def unchanged(value: object) -> object:
    """Return the value: the converter of handlers that take any JSON."""
    return value


def converter(kind: Any) -> Convert:
    """Return a function from a decoded JSON value to `kind`, raising InvalidJob with the field that does not fit.

    kind: a msgspec Struct, dataclass, TypedDict, pydantic model, or anything made of them and the built-in types.
    Raises ConfigError for a type that JSON cannot be converted to.
    """
    if kind in (Any, object):
        return unchanged
    if kind is dict or (get_origin(kind) is dict and get_args(kind) == (str, Any)):
        return _an_object
    if _has_pydantic(kind):
        return _with_pydantic(kind)
    try:
        info = msgspec.inspect.type_info(kind)
        msgspec.json.Decoder(kind)
    except Exception as error:  # msgspec says TypeError, names that are not defined say NameError
        raise ConfigError(f"{type_name(kind)} cannot be made from JSON: {error}") from error
    if isinstance(info, msgspec.inspect.CustomType):
        raise ConfigError(f"{type_name(kind)} is no type that can be made from JSON: use a dataclass, a msgspec Struct,"
                          " a TypedDict, a pydantic model or dict")  # fmt: skip
    return _with_msgspec(kind)


def type_name(kind: Any) -> str:
    """Return how people write a type."""
    return kind.__qualname__ if isinstance(kind, type) and not get_args(kind) else str(kind).replace("typing.", "")


def _an_object(value: object) -> object:
    if type(value) is dict:
        return value
    found = "null" if value is None else type(value).__name__
    raise InvalidJob("payload", f"Expected `object`, got `{_JSON_NAMES.get(found, found)}`")


def _has_pydantic(kind: Any) -> bool:
    return _PYDANTIC_MARK in getattr(kind, "__dict__", {}) or any(_has_pydantic(part) for part in get_args(kind))


def _with_msgspec(kind: Any) -> Convert:
    def convert(value: object) -> object:
        try:
            return msgspec.convert(value, kind, str_keys=True)
        except msgspec.ValidationError as error:
            raise _refused(str(error)) from error
        except Exception as error:  # __post_init__ is the user's code
            raise InvalidJob("payload", f"{type_name(kind)} refuses it: {type(error).__name__}") from error

    return convert


def _refused(text: str) -> InvalidJob:
    found = _AT_PATH.fullmatch(text)
    assert found is not None  # noqa: S101 - every part of the pattern may be empty
    return InvalidJob(f"payload{found['path'] or ''}", f"{'a key: ' if found['key'] else ''}{found['words']}")


def _with_pydantic(kind: Any) -> Convert:
    from pydantic import TypeAdapter, ValidationError

    try:
        validate = TypeAdapter(kind).validate_python
    except Exception as error:  # pydantic has many
        raise ConfigError(f"{type_name(kind)} cannot be made from JSON: {error}") from error

    def convert(value: object) -> object:
        try:
            return validate(value)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"])
            raise InvalidJob(f"payload{path}", first["msg"]) from error
        except Exception as error:  # validators are the user's code
            raise InvalidJob("payload", f"{type_name(kind)} refuses it: {type(error).__name__}") from error

    return convert
