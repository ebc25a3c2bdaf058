"""What is read of Kubernetes' objects, and which pods go first."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from scaling.actuators.objects import COST, Object
from scaling.actuators.pricing import prices


def pod(name: str, cost: int | None = None, **more: Any) -> Object:
    annotations = {} if cost is None else {COST: str(cost)}
    return msgspec.convert({"metadata": {"name": name, "annotations": annotations, **more}}, Object)


def test_all_of_a_selector_is_asked_for():
    expressions = [
        {"key": "tier", "operator": "In", "values": ["back", "front"]},
        {"key": "canary", "operator": "NotIn", "values": ["yes"]},
        {"key": "app", "operator": "Exists"},
        {"key": "old", "operator": "DoesNotExist"},
    ]
    selector = {"matchLabels": {"b": "2", "a": "1"}, "matchExpressions": expressions}
    found = msgspec.convert({"spec": {"selector": selector}}, Object)
    assert found.labels == "a=1,b=2,tier in (back,front),canary notin (yes),app,!old"


@pytest.mark.parametrize(
    ("fields", "leaves"),
    [
        ({}, False),
        ({"metadata": {"deletionTimestamp": "2026-03-01T07:59:00Z"}}, True),
        ({"status": {"phase": "Running"}}, False),
        ({"status": {"phase": "Failed"}}, True),
        ({"status": {"phase": "Succeeded"}}, True),
    ],
)
def test_pods_that_have_ended_or_are_about_to_are_known(fields, leaves):
    assert msgspec.convert(fields, Object).is_leaving is leaves


def test_only_pods_that_go_are_priced():
    pods = [pod(f"pod-{at}") for at in range(100)]
    work = {f"pod-{at}": at + 1 for at in range(100)}
    assert prices(pods, work, 2) == {"pod-0": -999_999, "pod-1": -999_998}


def test_what_was_to_go_before_and_stays_is_priced_first():
    pods = [pod("new"), pod("busy", -999_999), pod("idle", -1_000_000)]
    assert list(prices(pods, {"busy": 4, "idle": 0}, 2).items()) == [("busy", 4), ("new", -1_000_001)]


def test_where_all_pods_go_or_none_nothing_is_priced():
    assert prices([pod("one"), pod("two")], {}, 2) == prices([pod("one")], {}, 0) == prices([pod("one")], {}, -1) == {}
