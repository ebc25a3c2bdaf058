"""The one JSON scanner for payloads, and the encoders for what Python code hands over.

Payloads and results are kept as the bytes that came in. They never pass through a library that bends numbers or
drops repeated keys; the standard library's decoder, with the hooks below, refuses what others would misread.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from itertools import accumulate
from typing import Any, Final, NoReturn
from uuid import UUID

import msgspec

from .errors import InvalidJob, PayloadTooLarge, ResultNotSerializable

FIELD: Final = "payload"
MAX_DEPTH: Final = 100
MAX_DIGITS: Final = 4300

_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)  # possessive: one pass, also over unterminated ones
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NOT_BRACKETS = bytes(code for code in range(256) if code not in _STEPS)
_SCALARS = (datetime, date, time, timedelta, UUID, Decimal, Enum)


class _Refused(ValueError):
    """What a decoder hook found; the text goes to the client."""


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Refused("an object has the same key twice")
    return made


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _Refused("a number is too large")
    return number


def _short(text: str) -> int:
    if len(text) - text.startswith("-") > MAX_DIGITS:
        raise _Refused(f"an integer has more than {MAX_DIGITS:,} digits")
    return int(text)


def _no_constant(text: str) -> NoReturn:
    raise _Refused(f"{text} is not JSON")


def _decoder(parse_int: Callable[[str], int] | None) -> Callable[[str], object]:
    return json.JSONDecoder(
        object_pairs_hook=_unique, parse_float=_finite, parse_int=parse_int, parse_constant=_no_constant
    ).decode


# A payload no longer than the longest integer has no longer integer in it and is spared a call for each one.
_decode_short = _decoder(None)
_decode_long = _decoder(_short)
_decode_checked = json.JSONDecoder().decode
_raw_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def check(payload: bytes, max_bytes: int) -> object:
    """Decode a payload, refusing everything that is not plain JSON in UTF-8 within the limits; return its value.

    Raises PayloadTooLarge above `max_bytes`; InvalidJob for malformed JSON, a depth over 100, NaN and infinities,
    integers of more than 4,300 digits, repeated keys and lone surrogates.
    """
    if len(payload) > max_bytes:
        raise PayloadTooLarge(FIELD, f"{len(payload):,} bytes are more than the {max_bytes:,} that are allowed")
    if _is_too_deep(payload):
        raise InvalidJob(FIELD, f"it is nested more than {MAX_DEPTH} deep")
    decode = _decode_short if len(payload) <= MAX_DIGITS else _decode_long
    try:
        value = decode(payload.decode())
        if b"\\u" in payload:  # an escape is the only way in for half a character
            _raw_encode(value).encode()
    except UnicodeDecodeError as error:
        raise InvalidJob(FIELD, f"byte {error.start} is not UTF-8") from error
    except UnicodeEncodeError as error:
        raise InvalidJob(FIELD, "a text has a lone surrogate, which is no character") from error
    except json.JSONDecodeError as error:
        raise InvalidJob(FIELD, f"not JSON: {error}") from error
    except ValueError as error:  # a hook, or a lower limit for digits that this process was given
        raise InvalidJob(FIELD, str(error)) from error
    return value


def decode(payload: bytes) -> object:
    """Return the value of a payload that was checked when it came in. Raises InvalidJob if it cannot be decoded."""
    try:
        return _decode_checked(payload.decode())
    except (ValueError, RecursionError) as error:
        raise InvalidJob(FIELD, f"not JSON: {error}") from error


def encode(value: object) -> bytes:
    """Return the JSON of a payload from Python code, compact and in UTF-8.

    Besides what JSON has: msgspec Structs, dataclasses, pydantic models, sets, enums, dates and times, UUID and
    Decimal (as text). Raises InvalidJob for anything else, NaN, infinities and lone surrogates.
    """
    try:
        return _encode(value).encode()
    except Exception as error:  # conversions run the caller's code
        raise InvalidJob(FIELD, f"cannot be written as JSON: {_reason(error)}") from error


def encode_result(value: object, max_bytes: int) -> bytes:
    """Return the JSON of what a handler returned, b"" for None. Raises ResultNotSerializable."""
    if value is None:
        return b""
    try:
        result = _encode(value).encode()
    except Exception as error:  # conversions run the handler's code
        raise ResultNotSerializable(f"the result cannot be written as JSON: {_reason(error)}") from error
    if len(result) > max_bytes:
        raise ResultNotSerializable(f"the result has {len(result):,} bytes, more than the {max_bytes:,} allowed")
    if _is_too_deep(result):
        raise ResultNotSerializable(f"the result is nested more than {MAX_DEPTH} deep")
    return result


def _is_too_deep(payload: bytes) -> bool:
    """Whether brackets nest over 100 deep outside of texts; without recursion, and no work for a few brackets."""
    if payload.count(b"[") + payload.count(b"{") <= MAX_DEPTH:
        return False
    brackets = _STRINGS.sub(b"", payload).translate(None, _NOT_BRACKETS)
    return max(accumulate(map(_STEPS.__getitem__, brackets)), default=0) > MAX_DEPTH


def _builtin(value: Any) -> object:
    """The JSON form of a value that JSON does not know. Raises TypeError for one without."""
    if isinstance(value, (msgspec.Struct, *_SCALARS)):
        return msgspec.to_builtins(value, str_keys=True, builtin_types=())
    if isinstance(value, set | frozenset):
        return list(value)
    kind = type(value)
    if hasattr(kind, "__dataclass_fields__"):
        return {name: getattr(value, name) for name in kind.__dataclass_fields__}
    if hasattr(kind, "__pydantic_serializer__"):
        return value.model_dump(mode="json", by_alias=True)
    hint = ", give text instead" if isinstance(value, bytes | bytearray) else ""
    raise TypeError(f"{kind.__name__} has no JSON form{hint}")


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_builtin).encode


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeEncodeError):
        return "a text has a lone surrogate, which is no character"
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    try:
        return str(error)
    except Exception:
        return type(error).__name__
