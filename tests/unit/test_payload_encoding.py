"""Python values become JSON payloads and results, or are refused."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from uuid import UUID

import msgspec
import pydantic
import pytest

from jobs import payload
from jobs.errors import InvalidJob, ResultNotSerializable

MEBIBYTE = 1 << 20


class Colour(Enum):
    RED = "red"


class Point(msgspec.Struct, rename="camel"):
    first_axis: int


@dataclass
class Address:
    street: str
    at: Point


class Model(pydantic.BaseModel):
    when: date


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": (1, 2)}, '{"a":[1,2]}'),
        (OrderedDict(b=1, a=2), '{"b":1,"a":2}'),
        ({1: "x"}, '{"1":"x"}'),
        ("é😀", '"é😀"'),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), '"2026-01-02T03:04:05Z"'),
        (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (Decimal("1.10"), '"1.10"'),
        (Colour.RED, '"red"'),
        (frozenset([1]), "[1]"),
        (Point(1), '{"firstAxis":1}'),
        (Address("Main St", Point(2)), '{"street":"Main St","at":{"firstAxis":2}}'),
        (Model(when=date(2026, 1, 2)), '{"when":"2026-01-02"}'),
    ],
)
def test_python_values_have_a_compact_json_form(value, text):
    assert payload.encode(value).decode() == text


class Hostile:
    def __init__(self):
        self.itself = self

    @property
    def __dataclass_fields__(self):
        raise RuntimeError


class Speechless(Exception):
    def __str__(self):
        raise RuntimeError


@dataclass
class Broken:
    def __post_init__(self):
        self.x = 1

    @property
    def name(self):
        raise Speechless


Broken.__dataclass_fields__["name"] = None  # type: ignore[assignment]


def circle():
    made: list[object] = []
    made.append(made)
    return made


def nested(depth):
    made: list[object] = []
    for _ in range(depth):
        made = [made]
    return made


UNSERIALISABLE = [
    object(),
    Hostile(),
    Broken(),
    float("nan"),
    {"a": [float("inf")]},
    "\ud800",
    {"\udfff": 1},
    b"bytes",
    {(1, 2): 3},
    10**4300,
    circle(),
    nested(100_000),
    lambda: 1,
    Address,
]


@pytest.mark.parametrize("value", UNSERIALISABLE, ids=[str(number) for number in range(len(UNSERIALISABLE))])
def test_what_json_cannot_carry_is_refused_as_payload_and_as_result(value):
    with pytest.raises(InvalidJob, match=r"^payload: cannot be written as JSON: ."):
        payload.encode(value)
    with pytest.raises(ResultNotSerializable, match=r"^the result cannot be written as JSON: ."):
        payload.encode_result(value, MEBIBYTE)


def test_a_result_of_none_is_empty_and_one_that_is_too_large_is_refused():
    assert payload.encode_result(None, 10) == b""
    assert payload.encode_result({"a": 1}, 7) == b'{"a":1}'
    with pytest.raises(ResultNotSerializable, match="7 bytes, more than the 6"):
        payload.encode_result({"a": 1}, 6)


def test_a_result_may_be_nested_as_deep_as_a_payload():
    assert payload.encode_result(nested(99), MEBIBYTE) == b"[" * 100 + b"]" * 100
    with pytest.raises(ResultNotSerializable, match="nested more than 100 deep"):
        payload.encode_result(nested(100), MEBIBYTE)
