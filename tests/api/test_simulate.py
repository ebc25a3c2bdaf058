"""Simulations over REST: asked for, followed, ended; and equal to what the command prints."""

from __future__ import annotations

import io
import json
import subprocess
import threading
from typing import Any

import msgspec
import pytest
from django.core.management import call_command

from jobs.maintenance.leadership import Leadership
from jobs.store.pool_minute import Minute
from jobs.store.simulation import Simulation
from scaling.api.simulate_bodies import SimulationBody
from scaling.api.simulate_load import wanted_of
from scaling.models import ScalingPolicy
from scaling.scaler import NAME
from scaling.simulating import run
from scaling.simulating.examples import EXAMPLES
from scaling.simulating.wanted import Wanted
from scaling.simulator.conditions import Conditions
from scaling.simulator.presets import choices
from tests.api.conftest import ONE_WAY, problem
from tests.support.polling import wait_until

KNATIVE = "scaling.baselines.knative.Knative"
DOTTED = "scaling.strategies.default.Default"
HERE = "/scaling/default/simulate"
TRACE = "seconds,arrivals_per_second\n" + "".join(f"{at},{1 + 9 * (at % 600 < 60)}\n" for at in range(0, 1800, 10))
pytestmark = ONE_WAY  # processes take their time


def ended(api, started):
    """The simulation that an answer tells of, once it is over."""
    assert started.status_code == 202, started.content
    where = started["Location"].removeprefix("/api")
    return wait_until(lambda: (seen := api.get(where).json())["status"] != "running" and seen, 60)


def running(kit, simulation_id="s1"):
    """Keep a simulation that somebody else runs."""
    told = Simulation(
        id=simulation_id, pool="default", source="", strategies=("hpa",), started_by="", created=kit.reader.now_ms()
    )
    assert kit.store.simulations.open(told)
    return told


def test_a_simulation_ends_with_the_rows_of_the_command(api, pool, tmp_path):
    seen = ended(api, api.post(HERE, {"trace": TRACE, "strategies": ["latency_target", "hpa"], "peak": 5}))
    assert (seen["status"], seen["progress"], seen["error"], seen["startedBy"]) == ("done", 1.0, None, "tester")
    file, out = tmp_path / "trace.csv", io.StringIO()
    file.write_text(TRACE)
    strategies = ["--strategy", "latency_target", "--strategy", "hpa"]
    call_command("simulate_scaling", str(file), *strategies, "--peak", "5", "--json", stdout=out, stderr=io.StringIO())
    assert seen["results"] == json.loads(out.getvalue())["results"]
    assert [len(row["curve"]["at"]) for row in seen["results"]][1:] == [360, 120]


def test_days_of_a_pool_are_replayed_with_its_policy_and_those_of_a_trace_with_presets(pool):
    saved = ScalingPolicy(pool="default", strategy="default", scale_up_threshold=7, cooldown_up=3.0, step_up=2)
    day = pool.reader.now_ms() // 60_000 * 60 - 1200
    minutes = [Minute(start=day + 60 * at, arrived=60, completed=60, busy_seconds=60.0) for at in range(15) if at != 7]
    leadership = Leadership(pool.keeper, NAME, "tester")
    assert leadership.keep()
    for minute in minutes:
        assert pool.store.pool_history.keep(NAME, leadership.token, "default", minute)
    words, wanted = wanted_of(pool.store, saved, SimulationBody(days=1, strategies=["hpa", "default"], goal=4000))
    assert (words, wanted.trace.note) == ("the last day", "default: 6 missing buckets filled on straight lines.")
    sent = msgspec.json.decode(msgspec.json.encode(wanted), type=Wanted)
    assert sent.policies() == ["hpa", msgspec.structs.replace(saved.plain(), wait_goal=4.0)]
    _, wanted = wanted_of(pool.store, saved, SimulationBody(example="step", strategies=["hpa", "default"]))
    assert wanted.policies() == ["hpa", "default"]


@pytest.mark.parametrize(
    ("strategy", "asked", "found"),
    [
        ("default", None, list(choices())),
        (DOTTED, None, [DOTTED if name == "default" else name for name in choices()]),
        (KNATIVE, None, [*choices(), KNATIVE]),
        (DOTTED, ["hpa", "default", DOTTED], ["hpa", DOTTED]),
        ("default", [DOTTED, "hpa"], ["default", "hpa"]),
        ("scaling.baselines.hpa.Hpa", ["hpa", "hpa_tuned"], ["hpa", "hpa_tuned"]),
        ("gone.by.Now", ["hpa"], ["hpa"]),
        ("gone.by.Now", None, list(choices())),
    ],
)
def test_the_own_strategy_is_replayed_whatever_it_is_called(pool, strategy, asked, found):
    policy = ScalingPolicy(pool="default", strategy=strategy)
    _, wanted = wanted_of(pool.store, policy, SimulationBody(example="step", strategies=asked))
    assert list(wanted.strategies) == found


def test_a_third_simulation_is_refused(api, pool):
    running(pool, "s1")
    running(pool, "s2")
    for body in ({"example": "step"}, {"trace": "of which nothing is read"}):
        refusal = problem(api.post(HERE, body), 429, "rate_limited")
        assert refusal["detail"].startswith("2 simulations run already")


def test_one_that_is_aborted_ends_its_process(api, pool):
    started = api.post(HERE, {"example": "day", "peak": 5}).json()["id"]
    wait_until(lambda: api.get(f"{HERE}/{started}").json()["progress"] > 0, 30)
    assert api.post(f"{HERE}/{started}/abort").json()["status"] == "aborted"
    wait_until(lambda: not [thread for thread in threading.enumerate() if started in thread.name], 10)
    assert api.get(f"{HERE}/{started}").json()["results"] is None


def test_a_process_that_dies_is_told_of_with_the_reason(api, pool, monkeypatch):
    monkeypatch.setattr(run, "COMMAND", ("sh", "-c", "echo no memory >&2; kill -9 $$"))
    seen = ended(api, api.post(HERE, {"example": "step", "strategies": ["hpa"]}))
    assert (seen["status"], seen["error"]) == ("failed", "Its process ended with signal 9: no memory")


def test_a_process_ends_with_the_one_that_asked():
    wanted = Wanted(EXAMPLES["day"](), choices(), Conditions(peak=5.0))
    process: Any = subprocess.Popen(run.COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    with process:
        process.stdin.write(msgspec.json.encode(wanted) + b"\n")
        assert b"progress" in process.stdout.readline()
        process.stdin.close()
        assert process.wait(5) == 1


def test_one_of_which_nothing_is_heard_has_failed(api, pool):
    running(pool)
    pool.client.call("ZADD", pool.keys.simulations[1], 1, "s1")
    seen = api.get(f"{HERE}/s1").json()
    assert (seen["status"], seen["error"]) == ("failed", "The process that ran it is gone.")


def test_what_takes_too_long_is_stopped(api, pool):
    told = running(pool)
    run.Run(pool.store, told, Wanted(EXAMPLES["day"](), choices(), Conditions(peak=100.0)), seconds=1.0).run()
    seen = api.get(f"{HERE}/s1").json()
    assert (seen["status"], seen["error"]) == ("failed", "It was stopped after 1 s. Try fewer days or strategies.")


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({}, "days", "give one of days, trace and example"),
        ({"days": 1, "example": "step"}, "days", "give one of"),
        ({"days": 1}, "days", "too little is recorded"),
        ({"trace": ""}, "trace", "rows"),
        ({"trace": "seconds,arrivals_per_second\n0,nan\n1,-1\n"}, "trace", "rows"),
        ({"trace": "seconds,arrivals_per_second\n0,0\n1,0\n"}, "trace", "no arrivals at all"),
        ({"trace": "seconds,arrivals_per_second\n0,1\n1e7,1\n"}, "trace", "longer than 31 days"),
        ({"trace": "seconds\n" + "1\n" * 100_000}, "trace", "it has 100,002 lines; at most 100,000"),
        ({"trace": "seconds\r" + "1\r" * 100_000}, "trace", "it has 100,002 lines; at most 100,000"),
        ({"trace": "seconds\n0\n3000010\n"}, "trace", "2 rows for 300,002 buckets"),
        ({"trace": TRACE, "peak": 10_000, "service": 1}, "trace", "more than the 4,000,000"),
        ({"example": "step", "strategies": ["hpa", "no_such"]}, "strategies[1]", "No scaling strategy"),
        ({"example": "step", "minimum": 300}, "minimum", "between 0 and maximum, 200"),
        ({"example": "step", "maximum": 1}, "maximum", "minimum must be between 0 and maximum, 1"),
        ({"example": "step", "maximum": 1000, "slots": 101}, "maximum", "101,000 jobs at once; at most 100,000"),
        ({"example": "step", "slots": 501}, "slots", "100,200 jobs at once"),
        ({"days": 31}, "days", "30"),
    ],
)
def test_a_simulation_that_cannot_be_is_refused(api, pool, body, field, said):
    refusal = problem(api.post(HERE, body), 422, "invalid")
    assert refusal["errors"][0]["field"] == field
    assert said in refusal["errors"][0]["message"]


def test_a_simulation_of_another_pool_is_not_found(api, pool):
    running(pool)
    for path in ("/scaling/default/simulate/s2", "/scaling/other/simulate/s1", "/scaling/default/simulate/%2e%2e"):
        problem(api.get(path), 404, "not_found")
