"""How a pool moved and what each strategy would do, over REST."""

from __future__ import annotations

import pytest

from scaling.memo import Memo
from scaling.observation import Due, Rates
from tests.api.conftest import problem
from tests.scaling.recorder import Recorder

HERE = "/scaling/default"


@pytest.fixture
def recorder(api, kit) -> Recorder:
    """Give somebody who records decisions about the pool `default`."""
    kit.store.registry.set_desired("default", 1)
    return Recorder(kit)


def test_the_history_has_what_the_scaler_saw_and_what_it_changed(api, recorder):
    recorder.step(120, 1, 4, "80 jobs wait.", waiting=80, active=5, oldest_age=2.5, due=(Due(60.0, 7), Due(300.0, 90)))
    recorder.step(60, 4, 4, waiting=2, active=20, oldest_age=0.5)
    recorder.step(30, 4, 2, "Few wait.", waiting=0, active=3)
    found = api.get(f"{HERE}/history").json()
    assert (found["step"], len(found["current"]) <= 400) == (10_000, True)
    columns = ("desired", "current", "queued", "running", "due", "latency")
    assert len({len(found[name]) for name in columns}) == 1
    seen = [point for point in zip(*(found[name] for name in columns), strict=True) if point[1] is not None]
    assert seen == [(4, 1, 80, 5, 7, 2500), (4, 4, 2, 20, 0, 500), (2, 4, 0, 3, 0, 0)]
    assert [(each["current"], each["target"]) for each in found["changes"]] == [(4, 2), (1, 4)]
    assert (found["peak"]["target"], found["peak"]["reason"]) == (4, "80 jobs wait.")
    assert found["withinGoal"] is None


@pytest.mark.parametrize("range_", ["1h", "6h", "24h", "7d"])
def test_no_range_has_more_than_400_points(api, recorder, range_):
    recorder.step(30, 1, 1)
    found = api.get(f"{HERE}/history?range={range_}").json()
    assert 300 < len(found["current"]) <= 400
    assert 1 in found["current"][-4:]


def test_a_range_that_there_is_not_is_refused(api, recorder):
    refusal = problem(api.get(f"{HERE}/history?range=1y"), 422, "invalid")
    assert refusal["errors"][0]["field"] == "range"


def test_decisions_are_filtered_by_change_and_guard(api, recorder):
    recorder.step(50, 1, 4)
    recorder.step(40, 4, 4, guard="cooldown")
    recorder.step(30, 4, 4)
    recorder.step(20, 4, 2, guard="step_down")

    def ids(query: str) -> list[tuple[int, str | None]]:
        return [(each["target"], each["guard"]) for each in api.get(f"{HERE}/decisions{query}").json()["items"]]

    assert ids("") == [(2, "step_down"), (4, None), (4, "cooldown"), (4, None)]
    assert ids("?changed=true") == [(2, "step_down"), (4, None)]
    assert ids("?guard=cooldown&guard=step_down") == [(2, "step_down"), (4, "cooldown")]
    cursor = api.get(f"{HERE}/decisions?limit=1&changed=true").json()["nextCursor"]
    assert ids(f"?limit=1&changed=true&cursor={cursor}") == [(4, None)]
    problem(api.get(f"{HERE}/decisions?limit=1&cursor={cursor}"), 422, "invalid")


def test_each_strategy_says_what_it_would_do_by_what_was_seen_last(api, recorder):
    rates = Rates(2.0, 2.0, 2.0)
    recorder.step(20, 1, 1, waiting=400, active=5, slots=5, oldest_age=4.0, arrivals=rates, service_time=0.5)
    found = api.get(f"{HERE}/proposals").json()
    seen = found["seen"]
    assert (seen["waiting"], seen["active"], seen["oldestAge"], seen["serviceTime"]) == (400, 5, 4000, 500.0)
    assert (seen["utilisation"], seen["inPerSecond"], seen["startupTime"]) == (1.0, 2.0, None)
    assert 20_000 <= seen["age"] < 60_000
    first, *others = found["items"]
    assert (first["strategy"], first["active"], first["action"]) == ("default", True, "scale_up")
    assert {each["strategy"] for each in others} >= {"aggressive", "conservative", "predictive", "latency_target"}
    assert not any(each["active"] for each in others)
    assert all(each["reason"] and 1 <= each["target"] <= 10 for each in found["items"])


def test_what_the_scaler_would_do_has_one_worker_where_jobs_wait_for_none(api, recorder):
    recorder.policy.minimum = 0
    recorder.policy.save()
    recorder.kit.store.registry.join_pool("default", "host", 2)
    recorder.step(20, 0, 1, waiting=1)
    [first, *_] = api.get(f"{HERE}/proposals").json()["items"]
    assert (first["strategy"], first["proposed"], first["target"], first["guard"]) == ("default", 0, 1, "awake")


def test_what_the_scaler_would_do_goes_as_far_as_the_pool_can_follow(api, recorder):
    registry = recorder.kit.store.registry
    recorder.policy.scale_up_threshold, recorder.policy.step_up = 50, 2
    recorder.policy.save()
    recorder.step(20, 1, 1, waiting=400)
    for most, desired, made in ((20, 1, (3, "step_up")), (20, 6, (6, "coming")), (2, 1, (2, "hosts_full"))):
        registry.join_pool("default", "host", most)
        registry.set_desired("default", desired)
        [first, *_] = api.get(f"{HERE}/proposals").json()["items"]
        assert (first["target"], first["guard"]) == made
        recorder.step(15 - most / 4, 1, desired, waiting=400)


def test_what_a_strategy_would_do_is_told_in_whole_pods(api, recorder):
    recorder.policy.actuator, recorder.policy.workers_per_pod = "kubernetes", 4
    recorder.policy.save()
    recorder.step(20, 4, 4, waiting=80)
    [first, *_] = api.get(f"{HERE}/proposals").json()["items"]
    assert (first["proposed"], first["target"], first["guard"]) == (5, 8, "pods")


@pytest.mark.parametrize(("earlier", "target"), [({}, 1), (None, 6)])
def test_a_strategy_remembers_what_it_did_when_it_decided(api, recorder, earlier, target):
    recorder.policy.strategy, recorder.policy.cooldown_down = "latency_target", 0.0
    recorder.policy.save()
    full = {"latency_target:spent": 13.0, "latency_target:at": recorder.kit.store.reader.now_ms() / 1000 - 20}
    recorder.memo = Memo(memory=full, earlier=earlier)
    rates = Rates(0.1, 0.1, 0.1)
    recorder.step(20, 6, 1, arrivals=rates, service_time=1.0, startup_time=1.0)
    [first, *_] = api.get(f"{HERE}/proposals").json()["items"]
    assert first["target"] == target


def test_without_a_sight_no_strategy_says_anything(api, recorder):
    assert api.get(f"{HERE}/proposals").json() == {"pool": "default", "seen": None, "items": []}
