"""Scaling over REST: who changes what, on which version, on record."""

from __future__ import annotations

import pytest

from jobs.models import AuditEntry
from scaling.models import ScalingPolicy
from scaling.strategies import loading
from tests.api.conftest import problem
from tests.scaling.live.stalling import HELD

HERE = "/scaling/default"
LATE = "tests.scaling.live.stalling.Late"


def test_a_pool_without_a_policy_is_scaled_as_the_environment_says(api, pool):
    seen = api.get(HERE).json()
    assert (seen["version"], seen["desired"], seen["current"]) == (0, 3, 0)
    assert (seen["policy"]["minimum"], seen["policy"]["maximum"]) == (1, 10)
    assert (seen["byHand"], seen["paused"], seen["lastDecision"]) == (None, None, None)


def test_all_pools_are_listed_with_and_without_a_policy(api, pool):
    api.put("/scaling/default", {"version": 0, "maximum": 20})
    pool.store.registry.set_desired("mail", 2)
    seen = api.get("/scaling").json()["items"]
    assert [(each["pool"], each["version"], each["desired"]) for each in seen] == [("default", 1, 3), ("mail", 0, 2)]
    assert [(each["latency"], each["holdsGoal"]) for each in seen] == [(None, None)] * 2
    assert seen[1]["trouble"] == "pool mail has 0 workers and should have 2: no supervisor of it lives"
    assert seen[0] | {"at": 0} == api.get("/scaling/default").json() | {"at": 0}


def test_it_is_said_how_many_pools_are_left_out(api, pool, monkeypatch):
    monkeypatch.setattr("scaling.api.pools.MOST_POOLS", 2)
    for name in ("aa", "zz"):
        ScalingPolicy(pool=name, maximum=7).save()
    seen = api.get("/scaling").json()
    assert [(each["pool"], each["policy"]["maximum"]) for each in seen["items"]] == [("aa", 7), ("default", 10)]
    assert seen["more"] == 1


def test_a_change_of_policy_is_saved_on_record_with_what_it_was(api, pool):
    body = {"version": 0, "maximum": 20, "waitGoal": 2500, "reason": "the sale"}
    seen = api.put(HERE, body).json()
    assert (seen["version"], seen["changedBy"]) == (1, "tester")
    assert (seen["policy"]["maximum"], seen["policy"]["waitGoal"]) == (20, 2500)
    assert ScalingPolicy.objects.get().wait_goal == 2.5
    entry = AuditEntry.objects.get(action="scaling.policy")
    assert (entry.target_kind, entry.target_id) == ("pool", "default")
    assert entry.detail["changed"] == {"maximum": [10, 20], "wait_goal": [10.0, 2.5]}


def test_what_somebody_else_has_changed_is_not_written_over(api, pool):
    api.put(HERE, {"version": 0, "maximum": 20})
    problem(api.put(HERE, {"version": 0, "maximum": 30}), 409, "conflict")
    assert ScalingPolicy.objects.get().maximum == 20


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"minimum": 11}, "minimum"),
        ({"scaleDownThreshold": 50}, "scaleDownThreshold"),
        ({"strategy": "no_such"}, "strategy"),
        ({"strategy": "os.abort"}, "strategy"),
        ({"parameters": {"no_such": 1}}, "parameters"),
        ({"interval": 0}, "interval"),
        ({"maximum": -1}, "maximum"),
    ],
)
def test_a_policy_that_cannot_work_is_refused(api, pool, body, field):
    refusal = problem(api.put(HERE, {"version": 0, **body}), 422, "invalid")
    assert refusal["errors"][0]["field"] == field
    assert not ScalingPolicy.objects.exists()


def test_a_strategy_that_takes_long_to_load_is_refused_in_words(api, pool, monkeypatch):
    HELD.clear()
    monkeypatch.setattr(loading, "_loads", {})
    monkeypatch.setattr(loading, "PATIENCE", 0.05)
    body = {"version": 0, "strategy": LATE}
    refusal = problem(api.put("/scaling/default", body), 422, "invalid")
    [error] = refusal["errors"]
    assert error["field"] == "strategy"
    assert error["message"].startswith(f"The strategy {LATE} has been loading for 0.")
    assert not ScalingPolicy.objects.exists()
    HELD.set()


def test_a_number_by_hand_acts_at_once_and_ends_with_a_resume(api, pool):
    seen = api.post(f"{HERE}/scale", {"workers": 7, "forMs": 60_000, "reason": "the sale"}).json()
    assert (seen["desired"], seen["byHand"]["workers"], seen["byHand"]["by"]) == (7, 7, "tester")
    assert pool.store.registry.desired() == {"default": 7}
    assert api.post(f"{HERE}/resume").json()["byHand"] is None
    assert [entry.action for entry in AuditEntry.objects.order_by("id")] == ["scaling.scale", "scaling.resume"]


def test_a_number_by_hand_stays_within_the_policy(api, pool):
    for workers in (0, 11):
        problem(api.post(f"{HERE}/scale", {"workers": workers}), 422, "invalid")
    api.put(HERE, {"version": 0, "dryRun": True})
    problem(api.post(f"{HERE}/scale", {"workers": 2}), 409, "conflict")
    ScalingPolicy.objects.update(dry_run=False, enabled=False)
    seen = problem(api.post(f"{HERE}/scale", {"workers": 2}), 409, "conflict")
    assert seen["detail"] == "The policy is off: nobody scales this pool, also not by hand."
    assert pool.store.registry.desired() == {"default": 3}


def test_of_two_orders_the_later_one_holds(api, pool):
    api.post(f"{HERE}/scale", {"workers": 7})
    seen = api.post(f"{HERE}/pause", {"reason": "a test"}).json()
    assert (seen["byHand"], seen["paused"]["reason"]) == (None, "a test")
    assert api.post(f"{HERE}/scale", {"workers": 5}).json()["paused"] is None


def test_a_pool_that_nobody_knows_is_not_found(api, pool):
    for name in ("another", "%2e%2e", "a%20b"):
        problem(api.get(f"/scaling/{name}"), 404, "not_found")


def test_a_pool_is_forgotten_on_record_once_nobody_lives(api, pool):
    api.put(HERE, {"version": 0, "maximum": 20})
    pool.store.registry.join_pool("default", "host", 4)
    refusal = problem(api.delete(HERE), 409, "conflict")
    assert refusal["detail"] == "A worker or a supervisor of the pool lives: stop its workerpools first."
    assert ScalingPolicy.objects.get().maximum == 20
    pool.store.registry.leave_pool("default", "host")
    assert api.delete(f"{HERE}?reason=moved").status_code == 204
    assert (ScalingPolicy.objects.count(), pool.store.registry.desired()) == (0, {})
    assert api.get("/scaling").json() == {"items": [], "more": 0}
    problem(api.get(HERE), 404, "not_found")
    entry = AuditEntry.objects.latest("id")
    assert (entry.action, entry.target_id, entry.reason, entry.detail["deleted"]) == (
        "scaling.policy",
        "default",
        "moved",
        True,
    )


def test_two_who_give_two_pools_one_deployment_at_once_are_told(api, pool, monkeypatch):
    pool.store.registry.set_desired("mail", 1)
    body = {"version": 0, "actuator": "kubernetes", "namespace": "shop", "deployment": "worker"}
    assert api.put("/scaling/mail", body).status_code == 200
    refusal = problem(api.put(HERE, body), 422, "invalid")
    assert [each["field"] for each in refusal["errors"]] == ["deployment"]
    monkeypatch.setattr("scaling.api.changing._check", lambda policy: None)
    problem(api.put(HERE, body), 409, "conflict")
    assert ScalingPolicy.objects.count() == 1
