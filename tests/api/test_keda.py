"""Figures for autoscalers of others: KEDA's metrics-api, and Prometheus."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import msgspec
import pytest
import yaml
from django.conf import settings
from prometheus_client.parser import text_string_to_metric_families

from jobs.maintenance.leadership import Leadership
from jobs.store.scaling import Outcome
from scaling.memo import Memo, write_memo
from scaling.models import ScalingPolicy
from scaling.observation import Due, Observation
from scaling.record import Step
from scaling.scaler import NAME
from tests.api.conftest import problem

HERE = "/scaling/default/metrics"


@pytest.fixture
def pool(api, kit):
    """Give a pool that another autoscaler scales, with two workers in each pod."""
    policy = ScalingPolicy.first("default", kit.store.config)
    policy.actuator, policy.workers_per_pod, policy.look_back = "none", 2, 30.0
    policy.save()
    return kit


def record(kit, ago: float, decided: int, oldest_age: float = 0.0, kind: str = "default|hold") -> None:
    """Let somebody have decided so many seconds ago."""
    at = kit.reader.now_ms() / 1000 - ago
    due = (Due(30.0, 4), Due(60.0, 6))
    seen = Observation(at=at, workers=3, starting=1, waiting=12, active=7, oldest_age=oldest_age, due=due)
    leadership = Leadership(kit.keeper, NAME, "tester")
    assert leadership.keep()
    outcome = Outcome(
        f"{at}", None, write_memo(Memo(goal=10.0)), msgspec.msgpack.encode(Step(seen, decided, decided)), kind
    )
    assert kit.store.scaling.record(NAME, leadership.token, "default", kit.store.scaling.kept("default"), outcome)


def test_keda_reads_whole_numbers_of_the_last_decision(api, pool):
    record(pool, 0, 9, oldest_age=1.5)
    seen = api.get(HERE).json()
    assert 0 <= seen.pop("age") < 2000
    assert seen == {
        "desiredWorkers": 9, "desiredReplicas": 5, "currentWorkers": 4, "load": 25, "waiting": 12, "active": 7,
        "latency": 1500,
    }  # fmt: skip


def test_keda_finds_its_figure_as_the_documentation_tells_it(api, pool):
    record(pool, 0, 9)
    text = (settings.BASE_DIR / "docs" / "kubernetes.md").read_text()
    blocks = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    kinds = {each["kind"]: each for block in blocks for each in yaml.safe_load_all(block) if "kind" in each}
    (trigger,) = kinds["ScaledObject"]["spec"]["triggers"]
    asked = trigger["metadata"]
    path = urlsplit(asked["url"]).path.removeprefix("/api")
    assert (path, api.get(path).json()[asked["valueLocation"]]) == (HERE, 5)
    assert (trigger["type"], trigger["metricType"], asked["targetValue"]) == ("metrics-api", "AverageValue", "1")
    (secret,) = kinds["TriggerAuthentication"]["spec"]["secretTargetRef"]
    assert (asked["authMode"], secret["parameter"]) == ("bearer", "token")
    assert trigger["authenticationRef"]["name"] == kinds["TriggerAuthentication"]["metadata"]["name"]


def test_where_nobody_decides_keda_gets_an_error_and_scales_nothing(api, pool):
    assert "Nothing has been decided" in problem(api.get(HERE), 409, "conflict")["detail"]
    record(pool, 60, 9)
    assert "The newest decision is 60 s old" in problem(api.get(HERE), 409, "conflict")["detail"]


def test_prometheus_reads_the_same_and_how_often_what_was_decided(api, pool):
    for ago, age, kind in ((15, 11.0, "default|scale_up"), (10, 10.0, "default|hold"), (5, 2.0, "default|hold")):
        record(pool, ago, 9, age, kind)
    families = text_string_to_metric_families(api.get("/metrics").content.decode())
    found = {
        (each.name.removeprefix("queueflow_scaling_"), each.labels.get("action", "")): each.value
        for family in families
        for each in family.samples
        if each.name.startswith("queueflow_scaling_")
    }
    assert found.pop(("observation_age_seconds", "")) == pytest.approx(5, abs=2)
    assert found == {
        ("decisions_total", "scale_up"): 1,
        ("decisions_total", "hold"): 2,
        ("target_workers", ""): 9,
        ("supply_workers", ""): 4,
        ("wait_goal_seconds", ""): 10,
        ("goal_kept_ratio", ""): pytest.approx(2 / 3),
        ("goal_executions", ""): 0,
    }
