"""What is simulated of a load over REST: a day, its shape and name; what would fit of one that is too large."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from jobs.api.problems import Problem
from scaling.api.simulate_bodies import SimulationBody
from scaling.api.simulate_load import wanted_of
from scaling.api.simulate_size import day_of, must_fit
from scaling.models import ScalingPolicy
from scaling.simulator.conditions import Conditions
from scaling.simulator.trace import Trace, read

DATA = Path(__file__).parents[2] / "examples/data"
POLICY = ScalingPolicy(pool="default")
MANY = "5,709,549 jobs are more than the 4,000,000 that can be replayed"
HUNDRED = Conditions(peak=100.0)


def asked(kit, **fields):
    """What a body wants of a pool: its load in words, and all of it."""
    return wanted_of(kit.store, POLICY, SimulationBody(strategies=["hpa"], **fields))


def refused(call, *arguments, **fields):
    """The field and the words of a refusal."""
    with pytest.raises(Problem) as caught:
        call(*arguments, **fields)
    return caught.value.fields[0].field, caught.value.fields[0].message


@pytest.mark.parametrize(
    ("file", "fields", "words"),
    [
        ("nyc_taxi_35d_1800s.csv", {"day": 30, "smooth": True}, ", day 30, smooth"),
        ("aws_elb_14d_300s.csv", {"day": 9}, ", day 9"),
        ("twitter_aapl_55d_300s.csv", {"day": 47, "cv": 1.5}, ", day 47"),
        ("autothrottle_bursty_1h_1s.csv", {}, ""),
        ("azure_llm_code_1h_requests.csv", {}, ""),
        ("synthetic_cron_batch_6h_10s.csv", {"scheduled": True}, ", seen coming"),
        ("synthetic_step_6h_10s.csv", {"cv": 0}, ""),
    ],
)
def test_the_loads_of_the_tables_in_the_docs_are_those_of_the_command(kit, file, fields, words):
    path, day = DATA / file, fields.get("day")
    told, wanted = asked(kit, trace=path.read_text(), name=file, **fields)
    trace = read(path)
    trace = trace if day is None else trace.between(day * 86_400, (day + 1) * 86_400)
    shape = {name: fields.get(name, False) for name in ("scheduled", "smooth")}
    assert wanted.trace == msgspec.structs.replace(trace, name=file, note=wanted.trace.note, **shape)
    assert wanted.conditions == Conditions(peak=100.0, cv=fields.get("cv", 1.5))
    assert told == f"the trace {file}{words}"


def test_a_load_without_a_name_is_a_trace_and_an_example_keeps_its_shape(kit):
    assert asked(kit, trace="seconds,arrivals_per_second\n0,1\n60,1\n")[0] == "a trace"
    told, wanted = asked(kit, example="hourly", day=0)
    assert (told, wanted.trace.scheduled, len(wanted.trace.rates)) == ("the example hourly, day 0", True, 2160)


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"example": "day", "day": 1}, "day", "the load has day 0 only"),
        ({"trace": (DATA / "aws_elb_14d_300s.csv").read_text(), "day": 15}, "day", "the load has the days 0 to 14"),
        ({"example": "day", "name": "load.csv"}, "name", "it is that of a trace: give one"),
    ],
)
def test_what_a_load_does_not_have_is_said(kit, fields, field, said):
    assert refused(asked, kit, **fields) == (field, said)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (
            "aws_elb_14d_300s.csv",
            f"{MANY}; one day of it (0 to 14) or a peak of 70 workers at most would fit",
        ),
        ("nyc_taxi_35d_1800s.csv", "it is longer than 31 days; one day of it (0 to 34) would fit"),
        ("twitter_aapl_55d_300s.csv", "it is longer than 31 days; one day of it (0 to 55) would fit"),
    ],
)
def test_of_a_load_that_is_too_large_it_is_said_what_would_fit(kit, file, said):
    assert refused(asked, kit, trace=(DATA / file).read_text()) == ("trace", said)


def test_what_is_said_to_fit_does(kit):
    text = (DATA / "aws_elb_14d_300s.csv").read_text()
    assert asked(kit, trace=text, peak=70)[1].conditions.peak == 70
    assert refused(asked, kit, trace=text, peak=70.1)[0] == "trace"


def test_only_days_with_load_fit_and_many_ranges_are_cut():
    halves = [1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0] * 3
    field, said = refused(must_fit, Trace("x", 86_400.0, halves), HUNDRED, "trace")
    assert (field, said) == ("trace", "it is longer than 31 days")  # a flat day at this peak is too large as well
    said = refused(must_fit, Trace("x", 86_400.0, halves), Conditions(peak=50.0), "trace")[1]
    assert said == "it is longer than 31 days; one day of it (0, 3 to 4, 6, 8, and others) would fit"


@pytest.mark.parametrize("width", [1e7, 1e300])
def test_buckets_longer_than_a_day_have_no_days(width):
    said = refused(must_fit, Trace("x", width, [0.0, 1e-300]), Conditions(), "trace")[1]
    assert said == "it is longer than 31 days"


def test_a_day_begins_when_it_begins_in_the_load():
    trace = Trace("x", 3600.0, [float(hour) for hour in range(50)], start=1000.0)
    day = day_of(trace, 2)
    assert (day.rates, day.start) == ([48.0, 49.0], 1000.0 + 2 * 86_400)
