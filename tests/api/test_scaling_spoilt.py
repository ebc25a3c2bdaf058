"""Scaling over REST where somebody has spoilt the store: it costs the pool that it is of, and no other."""

from __future__ import annotations

import math

import pytest

from scaling.health import scaling_part
from scaling.models import ScalingPolicy
from tests.scaling.recorder import Recorder


@pytest.mark.parametrize(
    "figures",
    [{"oldest_age": math.nan}, {"startup_time": math.inf}, {"waiting": 10**17}, {"target": -1}],
    ids=str,
)
def test_a_newest_step_that_cannot_be_true_breaks_no_answer(api, kit, figures):
    recorder = Recorder(kit)
    recorder.step(6, 1, 1, stretch="1", waiting=3)
    recorder.step(**{"ago": 1.0, "current": 1, "target": 1, "stretch": "2"} | figures)
    for path in ("", "/default", "/default/proposals", "/default/history"):
        assert api.get(f"/scaling{path}").status_code == 200, path
    assert api.get("/scaling/default/metrics").status_code == 409  # so that nobody scales by it
    seen = api.get("/scaling/default/proposals").json()["seen"]
    assert seen["waiting"] == 3


@pytest.mark.parametrize("kind", ["scaling", "scaling_steps", "supervisors"])
def test_a_spoilt_pool_is_shown_with_its_trouble_beside_the_others(api, kit, kind):
    Recorder(kit).step(1, 1, 3)
    ScalingPolicy.objects.create(pool="bad")
    kit.store.registry.set_desired("bad", 2)
    kit.store.registry.join_pool("default", "host", 4)
    kit.client.call("SET", getattr(kit.keys, kind)("bad"), "foreign")
    bad, default = api.get("/scaling").json()["items"]
    assert (default["pool"], default["most"], default["lastDecision"]["target"]) == ("default", 4, 3)
    assert (bad["pool"], bad["desired"], bad["most"], bad["current"]) == ("bad", 2, 0, 0)
    if kind != "supervisors":
        assert bad["trouble"].startswith("pool bad cannot be read: a key in the store does not hold its kind of data")
        assert api.get("/scaling/bad").json()["trouble"] == bad["trouble"]
        assert bad["trouble"] in scaling_part(kit.store).detail
