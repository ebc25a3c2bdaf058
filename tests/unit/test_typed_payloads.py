"""Payloads of a type: what JSON becomes, and which field is at fault when it does not fit."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, NotRequired, TypedDict
from uuid import UUID

import msgspec
import pydantic
import pytest
from pydantic.dataclasses import dataclass as pydantic_dataclass

from jobs.errors import ConfigError, InvalidJob
from jobs.handlers import Registry, handler
from jobs.handlers.typed import converter

BIG = 12345678901234567890123


class Item(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    article_number: int
    note: str = ""


class Order(msgspec.Struct):
    items: Annotated[list[Item], msgspec.Meta(min_length=1)]
    extra: Any = None


@dataclass
class Address:
    street: str
    number: int = 1
    tags: list[str] = field(default_factory=list)

    def __post_init__(self):
        if self.street == "nowhere":
            raise LookupError("not found")


class Options(TypedDict):
    size: int
    name: NotRequired[str]


class Email(pydantic.BaseModel):
    to: str
    copies: list[int] = []
    at: datetime | None = None
    extra: Any = None

    @pydantic.field_validator("to")
    @classmethod
    def has_at(cls, value):
        if "@" not in value:
            raise ValueError("is no address")
        return value


@pydantic_dataclass
class Point:
    x: int


class Card(pydantic.BaseModel):
    kind: Literal["card"]
    amount: Decimal


class Cash(pydantic.BaseModel):
    kind: Literal["cash"]


Payment = Annotated[Card | Cash, pydantic.Field(discriminator="kind")]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Order, '{"items": [{"articleNumber": 7}]}', Order([Item(7)])),
        (Address, '{"street": "Main"}', Address("Main")),
        (Options, '{"size": 1}', {"size": 1}),
        (Email, '{"to": "a@b", "copies": [1]}', Email(to="a@b", copies=[1])),
        (Point, '{"x": 1}', Point(1)),
        (Payment, '{"kind": "card", "amount": "1.10"}', Card(kind="card", amount=Decimal("1.10"))),
        (list[Email], '[{"to": "a@b"}]', [Email(to="a@b")]),
        (dict, "{}", {}),
        (dict[str, Any], '{"a": []}', {"a": []}),
        (dict[int, str], '{"1": "x"}', {1: "x"}),
        (list[int], "[1]", [1]),
        (int, str(BIG), BIG),
        (str, '"007"', "007"),
        (float, "1.0", 1.0),
        (UUID, '"00000000-0000-0000-0000-000000000001"', UUID(int=1)),
        (int | None, "null", None),
        (None, "null", None),
        (Any, "[]", []),
        (object, "{}", {}),
    ],
    ids=str,
)
def test_json_becomes_the_annotated_type(kind, text, value):
    found = converter(kind)(json.loads(text))
    assert repr(found) == repr(value)


@pytest.mark.parametrize("kind", [Any, dict, dict[str, Any], Order, Email])
@pytest.mark.parametrize("value", [130775545883395173, BIG, 1.0, [], {}, "007", None, -(10**4299)])
def test_values_that_are_not_typed_further_survive(kind, value):
    given = {"items": [{"articleNumber": BIG}], "to": "a@b", "extra": value}
    found = converter(kind)(given)
    extra = found["extra"] if isinstance(found, dict) else found.extra  # type: ignore[attr-defined]
    assert repr(extra) == repr(value)


@pytest.mark.parametrize(
    ("kind", "value", "path", "words"),
    [
        (Order, {"items": [{"articleNumber": "7"}]}, "payload.items[0].articleNumber", "Expected `int`, got `str`"),
        (Order, {"items": [{"articleNumber": 7, "x": 1}]}, "payload.items[0]", "unknown field `x`"),
        (Order, {"items": []}, "payload.items", "length >= 1"),
        (Order, {}, "payload", "missing required field `items`"),
        (Order, [], "payload", "Expected `object`, got `array`"),
        (Address, {"street": 5}, "payload.street", "Expected `str`, got `int`"),
        (Address, {"street": "nowhere"}, "payload", "LookupError"),
        (Options, {"size": True}, "payload.size", "Expected `int`, got `bool`"),
        (dict[int, str], {"x": "y"}, "payload", "a key: Expected `int`, got `str`"),
        (dict, "text", "payload", "Expected `object`, got `str`"),
        (Email, {"to": 5}, "payload.to", "valid string"),
        (Email, {"to": "x"}, "payload.to", "is no address"),
        (Email, {"to": "a@b", "copies": [1, "x"]}, "payload.copies[1]", "valid integer"),
        (Payment, {"kind": "cheque"}, "payload", "'card', 'cash'"),
        (Payment, {"kind": "card", "amount": "x"}, "payload.card.amount", "valid decimal"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_field(kind, value, path, words):
    with pytest.raises(InvalidJob) as caught:
        converter(kind)(value)
    assert caught.value.field == path
    assert words in caught.value.message


class Custom:
    pass


class Later(msgspec.Struct):
    missing: "NotThere"  # type: ignore[name-defined]  # noqa: F821


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Custom, "Custom is no type that can be made from JSON"),
        (Later, "Later cannot be made from JSON: name 'NotThere' is not defined"),
        (Address | Item, "cannot be made from JSON"),
        ("text", "cannot be made from JSON"),
    ],
)
def test_a_type_that_json_cannot_become_is_refused_when_the_handler_is_declared(kind, words):
    known = Registry()

    def work(payload): ...

    work.__annotations__["payload"] = kind if not isinstance(kind, str) else [kind]
    with pytest.raises(ConfigError, match="handler 'work'") as caught:
        handler("work", registry=known)(work)
    assert words in str(caught.value)


def test_a_handler_decodes_stored_bytes_to_its_type():
    known = Registry()

    @handler("work", registry=known)
    def work(payload: Order) -> None: ...

    found = known.get("work")
    assert found is not None
    assert found.decode(b'{"items": [{"articleNumber": 7}]}') == Order([Item(7)])
    assert found.payload_type == "Order"
    with pytest.raises(InvalidJob, match=r"payload\.items: Expected `array`"):
        found.decode(b'{"items": 5}')
    with pytest.raises(InvalidJob, match="not JSON"):
        found.decode(b"{")
