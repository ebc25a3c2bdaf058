"""What a model learns from a load, and what it is told apart by."""

import io

import msgspec
import numpy as np
import pytest
from django.core.management import CommandError, call_command

from jobs.store.pool_minute import Minute
from scaling.ml.model import Figures, write_model
from scaling.ml.series import of_minutes, of_trace
from scaling.ml.training import TooLittle, fit, predicted
from scaling.ml.trial import Ground, train
from scaling.ml.verdict import account, earns_its_place, sentence
from scaling.policy import Policy
from scaling.simulator.trace import Trace

DAY = 1440
START = 1_800_000_000
LONG_AGO = 1_700_006_400.0  # a model of then is too old for any other time


def batches(days: int, jobs: int = 300) -> Trace:
    """One job every ten seconds, and at each full hour a batch within ten seconds."""
    hour = [jobs / 10] + [0.1] * 359
    return Trace("batches", 10.0, hour * 24 * days)


def ground(trace: Trace) -> Ground:
    """Strategies that decide once a minute, so that a day is soon over."""
    own = Policy(strategy="ml", maximum=200, interval=30.0, stabilization=0, cooldown_down=60)
    other, used = (msgspec.structs.replace(own, strategy=name) for name in ("latency_target", "conservative"))
    return Ground(trace=trace, service=2.0, cv=1.5, startup=20.0, policy=own, target=other, used=used)


def test_batches_at_each_full_hour_are_learned_and_earn_the_model_its_place():
    trace = msgspec.structs.replace(batches(3), start=LONG_AGO)
    shares: list[float] = []
    model = train(of_trace(trace), ground(trace), "default", shares.append)
    figures = model.figures
    assert figures is not None
    assert model.hourly[0] == pytest.approx(300 / 20, rel=0.1)
    assert max(model.hourly[1:]) < 0.5
    assert figures.fit > 0.95
    assert figures.error < figures.error_as_now / 3
    assert figures.late < figures.late_target / 2
    assert earns_its_place(figures, 0.01)
    assert (model.until - model.since, model.minutes) == (2 * 86_400, 2 * DAY)
    assert (figures.used, figures.late_used > figures.late) == ("conservative", True)
    assert shares == sorted(shares)
    assert shares[-1] <= 1


def test_what_came_of_a_training_is_told_in_sentences():
    model = fit(of_trace(msgspec.structs.replace(batches(2), start=LONG_AGO)), 10.0, "default")
    figures = Figures(
        error=1.0, error_as_now=2.0, fit=0.9, late=0.002, late_target=0.01, worker_hours=12.0, worker_hours_target=13.0
    )
    known = "on 2 days (2,880 minutes) up to 2023-11-17 00:00 UTC, for a goal of 10 s."
    assert account(model, 0.01) == f"Trained {known} It was not tried."
    model = msgspec.structs.replace(model, trained=LONG_AGO + 3 * 86_400 + 60, figures=figures)
    assert account(model, 0.01) == (
        f"Trained 2023-11-18 00:01 UTC {known} On a day that it was not trained on, 0.20 % of jobs were late "
        "(latency_target: 1.00 %), with 12.0 worker-hours (13.0): it earns its place."
    )
    used = msgspec.structs.replace(figures, used="default", late_used=0.25, worker_hours_used=9.0)
    assert sentence(used, 0.01).endswith(
        "(latency_target: 1.00 %; default, which was in use: 25.00 %), with 12.0 worker-hours (13.0; 9.0): "
        "it earns its place."
    )
    assert "up to some time" in account(msgspec.structs.replace(model, until=1e300), 0.01)


def test_the_usual_demand_is_of_no_use_where_minutes_differ_by_chance_alone():
    flat = of_trace(Trace("flat", 60.0, [2.0] * DAY * 3))
    model = fit(flat, 10.0, "default")
    assert len(set(model.hourly)) == 1
    assert "this_hour" not in model.weights
    assert predicted(model, flat)[DAY:] == pytest.approx(np.full(2 * DAY, 2.0), abs=0.6)


@pytest.mark.parametrize("minutes", [DAY - 1, 2 * DAY - 1])
def test_too_little_is_said(minutes):
    trace = Trace("short", 60.0, [2.0] * minutes)
    with pytest.raises(TooLittle, match=f"{minutes:,} minutes lie between"):
        train(of_trace(trace), ground(trace), "default")


def test_gaps_are_not_learned_from():
    days = [Minute(start=START + 60 * at, arrived=60) for at in range(2 * DAY) if at % 7]
    series = of_minutes([*days, Minute(start=START + 120 * DAY, arrived=10**6, seconds=31)])
    assert int(series.recorded.sum()) == len(days)
    assert fit(series, 10.0, "default").highest == 1.0
    with pytest.raises(TooLittle, match=r"1,440 are needed"):
        fit(of_minutes(days[:100]), 10.0, "default")


def test_demand_is_what_serves_the_busiest_seconds_within_the_goal():
    """60 jobs in ten seconds and none later: 60 / (10 + 10) a second; spread over the minute: one a second."""
    minutes = [
        Minute(start=START, arrived=60, shares=(0, 0, 255, 0, 0, 0)),
        Minute(start=START + 60, arrived=60),
        Minute(start=START + 180),
    ]
    found = of_minutes(minutes).demand(10.0)
    assert found[[0, 1, 3]] == pytest.approx([3, 1, 0])
    assert np.isnan(found[2])


def test_the_command_refuses_what_is_too_short_and_a_file_that_is_none(tmp_path):
    short = tmp_path / "short.csv"
    short.write_text("seconds,arrivals_per_second\n0,1\n60,2\n")
    with pytest.raises(CommandError, match="2,880 and 720 are needed"):
        call_command("train_scaling", trace=short)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("train_scaling", trace=tmp_path / "missing.csv")
    with pytest.raises(CommandError, match="above 0"):
        call_command("train_scaling", trace=short, peak=0.0)


def test_without_numpy_the_command_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(CommandError, match=r"pip install '\.\[ml\]'"):
        call_command("train_scaling")


def test_a_simulation_takes_the_model_from_a_file(tmp_path):
    trace = tmp_path / "flat.csv"
    trace.write_text("seconds,arrivals_per_second\n" + "".join(f"{60 * at},2\n" for at in range(20)))
    model = fit(of_trace(batches(2)), 10.0, "default")
    (tmp_path / "model.json").write_bytes(
        write_model(msgspec.structs.replace(model, highest=1e3, bias=30.0, weights={}))
    )
    rows = []
    for options in ({}, {"model": tmp_path / "model.json"}):
        out = io.StringIO()
        call_command("simulate_scaling", trace, strategy=["ml"], stdout=out, **options)
        rows.append(out.getvalue().splitlines()[-1])
    assert rows[0] != rows[1]
    with pytest.raises(CommandError, match="is no model of train_scaling"):
        call_command("simulate_scaling", trace, model=trace)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("simulate_scaling", trace, model=tmp_path / "missing.json")
