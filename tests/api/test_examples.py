"""The examples of the OpenAPI document are true: each request is taken, each answer looks like a real one."""

import re
from typing import Any

import pytest

from tests.api.scenes import SCENES
from tests.contract.conformance import contract

OPAQUE = {"payload", "result", "progress", "filter", "detail", "inputs"}  # what is in there is not ours


def cases():
    for method, path, operation in contract().operations:
        name = operation["operationId"]
        body = operation.get("requestBody", {"content": {"": {"examples": {"none": {"value": None}}}}})
        [content] = body["content"].values()
        for title, example in content["examples"].items():
            yield pytest.param(method, path, operation, example["value"], id=f"{name}-{title}")


def assert_alike(shown: Any, real: Any, place: str = "") -> None:
    """Raise AssertionError where two answers have other fields or kinds of values; null fits every kind."""
    if isinstance(shown, dict) and isinstance(real, dict):
        assert set(shown) == set(real), place
        for name in shown.keys() - OPAQUE:
            assert_alike(shown[name], real[name], f"{place}.{name}")
    elif isinstance(shown, list) and isinstance(real, list):
        if shown and real:
            assert_alike(shown[0], real[0], f"{place}[0]")
    elif shown is not None and real is not None:
        assert type(shown) is type(real), place


def test_every_operation_is_tried():
    assert set(SCENES) == {operation["operationId"] for _, _, operation in contract().operations}


@pytest.mark.parametrize(("method", "path", "operation", "body"), list(cases()))
def test_an_example_is_taken_and_answered_as_shown(api, kit, method, path, operation, body):
    names = SCENES[operation["operationId"]](api, kit)
    where = re.sub(r"{(\w+)}", lambda match: names[match[1]], path.removeprefix("/api"))
    send = getattr(api, method.lower())
    answer = send(where, body) if method in {"POST", "PUT"} else send(where)
    status, described = next(iter(operation["responses"].items()))
    assert answer.status_code == int(status), answer.content
    if "content" in described:
        content = described["content"][answer["Content-Type"]]
        real = answer.json() if answer["Content-Type"] == "application/json" else answer.content.decode()
        assert_alike(next(iter(content["examples"].values()))["value"], real)
