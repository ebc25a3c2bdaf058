"""Reads JSON bodies strictly: unknown fields, repeated keys and wrong types are refused, each named, all at once.

What is opaque (a payload) is a field of type `msgspec.Raw` and stays the bytes that came in.
"""

from __future__ import annotations

import re
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from jobs import payload
from jobs.errors import InvalidJob

from .problems import FieldError, Problem, invalid

S = TypeVar("S", bound=msgspec.Struct)
BODY: Final = "body"
MISSING: Final = "this field is required"
UNKNOWN: Final = "there is no such field"
SHOWN: Final = 80  # characters of a name that we do not know
REPEATED: Final = "this field is given twice"

_PLACE = re.compile(r" - at `\$?(?P<path>[^`]*)`$")


class _Name:
    """A member's name, equal only to itself: a mapping by it keeps the members that a plain one would merge."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


_members = msgspec.json.Decoder(dict[_Name, msgspec.Raw], dec_hook=lambda kind, text: _Name(text))


class _Field:
    """One field of a Struct: how to read it and whether it may be left out."""

    __slots__ = ("decoder", "name", "nested", "nullable", "required", "wire")

    def __init__(self, field: msgspec.structs.FieldInfo, kind: Any) -> None:
        self.name = field.name
        self.wire = field.encode_name
        self.required = field.required
        self.nested = _nested(kind)
        self.nullable = NoneType in get_args(_bare(kind))
        self.decoder = msgspec.json.Decoder(kind)


def _nested(kind: Any) -> type[msgspec.Struct] | None:
    """The Struct in `kind`, alone or beside None."""
    kind = _bare(kind)
    parts = get_args(kind) if get_origin(kind) in {Union, UnionType} else (kind,)
    for bare in map(_bare, parts):
        if isinstance(bare, type) and issubclass(bare, msgspec.Struct):
            return bare
    return None


def _bare(kind: Any) -> Any:
    """`kind` without constraints and descriptions."""
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


@cache
def _fields(kind: type[msgspec.Struct]) -> dict[str, _Field]:
    hints = get_type_hints(kind, include_extras=True)
    return {field.encode_name: _Field(field, hints[field.name]) for field in msgspec.structs.fields(kind)}


def read(kind: type[S], body: bytes | msgspec.Raw) -> S:
    """The value that a body holds.

    Raises Problem: 400 for what is not JSON, 422 with every field that is wrong.
    """
    errors: list[FieldError] = []
    value = _read(kind, bytes(body) if isinstance(body, msgspec.Raw) else body, "", errors)
    if value is None or errors:
        raise invalid(errors)
    return value


def _read(kind: type[S], body: bytes, path: str, errors: list[FieldError]) -> S | None:
    """The value; None where there are errors. `path` is where it stands in the whole body."""
    before = len(errors)
    fields = _fields(kind)
    given: dict[str, Any] = {}
    for name, raw in _split(body, path).items():
        field = fields.get(name.text)
        if field is None:
            errors.append(FieldError(_join(path, name.text[:SHOWN]), UNKNOWN))
        elif field.name in given:
            errors.append(FieldError(_join(path, name.text), REPEATED))
        else:
            given[field.name] = _value(field, raw, _join(path, field.wire), errors)
    errors += [
        FieldError(_join(path, field.wire), MISSING)
        for field in fields.values()
        if field.required and field.name not in given
    ]
    return kind(**given) if len(errors) == before else None


def _value(field: _Field, raw: msgspec.Raw, path: str, errors: list[FieldError]) -> Any:
    if field.nested is not None and not (field.nullable and bytes(raw) == b"null"):
        try:
            return _read(field.nested, bytes(raw), path, errors)
        except _NotAnObject as error:
            errors.append(FieldError(path, str(error)))
            return None
    try:
        return field.decoder.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        errors.append(_error(path, error))
        return None


def _split(body: bytes, path: str) -> dict[_Name, msgspec.Raw]:
    try:
        return _members.decode(body)
    except msgspec.ValidationError as error:
        if path:
            raise _NotAnObject(_words(error)) from error
        raise invalid([FieldError(BODY, _words(error))]) from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise _malformed(body, error) from error


class _NotAnObject(Exception):
    """A nested value of another kind."""


def _malformed(body: bytes, cause: Exception) -> Problem:
    """Why the quick reader cannot read it: the thorough one finds the words, and tells limits from form."""
    try:
        payload.check(body, len(body))
    except InvalidJob as error:
        if error.message.startswith(("not JSON", "byte ")) or error.message.endswith("is not JSON"):
            return Problem(400, "malformed_json", f"The body is not JSON: {error.message.removeprefix('not JSON: ')}.")
        return invalid([FieldError(BODY, error.message)])
    return Problem(400, "malformed_json", f"The body is not JSON: {cause}.")


def _error(path: str, error: Exception) -> FieldError:
    place = _PLACE.search(str(error))
    return FieldError(path + (place["path"].replace("[...]", "") if place else ""), _words(error))


def _words(error: Exception) -> str:
    """What the decoder said, without the place."""
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    return _PLACE.sub("", str(error)).replace("`", "")


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
