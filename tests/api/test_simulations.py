"""Simulations that are remembered: the list, and what the store holds of them when it is spoilt."""

from __future__ import annotations

import json

import msgspec
import pytest

from jobs.store.simulation import Simulation, SimulationStatus
from scaling.api.simulate_answers import SimulationView
from scaling.api.simulate_examples import ANSWERS
from tests.api.conftest import ONE_WAY, problem

HERE = "/scaling/default/simulate"
pytestmark = ONE_WAY


def remembered(kit, simulation_id="s1", result=b"", **fields):
    """Keep a simulation that is over."""
    told = Simulation(
        **{"id": simulation_id, "pool": "default", "source": "the example step", "strategies": ("hpa",)}
        | {"started_by": "ada", "created": kit.reader.now_ms()}
    )
    assert kit.store.simulations.open(told)
    told = msgspec.structs.replace(told, status=SimulationStatus.DONE)
    document = json.loads(msgspec.json.encode(told)) | fields
    kit.store.simulations.save(told, result)
    kit.client.call("HSET", kit.keys.simulations[0], simulation_id, json.dumps(document))


def found(**fields):
    """What came of one, as the store has it."""
    rows = msgspec.to_builtins(ANSWERS[SimulationView].results)
    return json.dumps({"duration": 1, "jobs": 1, "boundWorkerHours": None, "results": rows} | fields).encode()


def test_the_list_has_those_of_the_pool_latest_first(api, pool):
    for simulation_id, name in (("s1", "default"), ("s2", "other"), ("s3", "default")):
        remembered(pool, simulation_id, pool=name)
    pool.client.call("HSET", pool.keys.simulations[0], "s4", b"{")
    answer = api.get(HERE).json()
    assert [each["id"] for each in answer["items"]] == ["s3", "s1"]
    assert answer["unreadable"] == ["s4"]
    assert {key: answer["items"][0][key] for key in ("status", "source", "strategies", "startedBy")} == {
        "status": "done", "source": "the example step", "strategies": ["hpa"], "startedBy": "ada",
    }  # fmt: skip


def test_what_came_of_one_is_there_as_long_as_it_can_be_read(api, pool):
    remembered(pool, result=found())
    assert (api.get(f"{HERE}/s1").json()["status"], len(api.get(f"{HERE}/s1").json()["results"])) == ("done", 1)


@pytest.mark.parametrize(
    "result",
    [b"", b"{", b"\xff", b'"\xff"', b"[" * 100_000, b"{}", found(results=[]), found(results=[{}]), found(jobs="many")],
)
def test_a_result_that_is_spoilt_is_said(api, pool, result):
    remembered(pool, result=result)
    seen = api.get(f"{HERE}/s1").json()
    assert (seen["status"], seen["error"], seen["results"]) == (
        "failed",
        "What came of it is lost, or cannot be read",
        None,
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"conditions": 7},
        {"conditions": {"goal": -1}},
        {"conditions": {"goal": 1e300}},
        {"conditions": {"maximum": 10**30}},
        {"conditions": {"slots": "many"}},
        {"created": -1},
        {"created": 10**17},
        {"created": None},
        {"status": "over"},
        {"id": "s2"},
        {"strategies": 7},
    ],
)
def test_one_of_which_a_field_is_spoilt_is_not_found_in_words(api, pool, fields):
    remembered(pool, **fields)
    refusal = problem(api.get(f"{HERE}/s1"), 404, "not_found")
    assert "what is kept of it cannot be read" in refusal["detail"]
    assert api.get(HERE).status_code == 200


@pytest.mark.parametrize("fields", [{"progress": 1e300}, {"finished": 10**17}, {"finished": -5}, {"source": "\x00<b>"}])
def test_a_field_that_may_be_odd_is_shown_as_far_as_it_can_be(api, pool, fields):
    remembered(pool, result=found(), **fields)
    seen = api.get(f"{HERE}/s1").json()
    assert (seen["progress"] <= 1, seen["finishedAt"], seen["status"]) == (True, None, "done")
