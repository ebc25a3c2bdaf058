"""The strategy `ml`, and the model that it decides with."""

from typing import Any

import msgspec
import pytest

from scaling.decision import Action, decide
from scaling.ml.features import clock, present, usual
from scaling.ml.model import Figures, Model, read_model, write_model
from scaling.ml.verdict import earns_its_place, sentence
from scaling.observation import Due, Rates
from scaling.policy import Policy
from scaling.record import Record, Step
from scaling.strategies.lookup import find
from tests.scaling.pure.sights import seen

HOUR = 1_800_000_000.0  # 08:00 UTC on a Friday
CALM: dict[str, Any] = {
    "arrivals": Rates(0.5, 0.5, 0.5),
    "completions": Rates(0.5, 0.5, 0.5),
    "service_time": 2.0,
    "startup_time": 20.0,
}
POLICY = Policy(strategy="ml", maximum=100, interval=5.0)
BATCHES = Model(
    pool="default",
    goal=10.0,
    since=HOUR - 86_400,
    until=HOUR,
    minutes=1440,
    highest=30.0,
    bias=0.0,
    weights={"rate": 1.0, "this_hour": 1.0},
    hourly=[12.0, *[0.0] * 59],
    spread=0.5,
    margin=1.0,
    figures=Figures(
        error=0.1, error_as_now=1.0, fit=0.9, late=0.0, late_target=0.0, worker_hours=1.0, worker_hours_target=1.0
    ),
)


def proposed(model=BATCHES, at=HOUR, steps=(), policy=POLICY, **figures):
    observation = seen(**{"at": at, "workers": 2, **CALM, **figures})
    return find("ml").decide(observation, Record(steps, model=model), policy)


def test_workers_are_there_before_the_batch_that_comes_by_the_clock():
    """12.5 jobs a second are expected, and 0.5 * sqrt(12.5) more: 14.27 * 2 s."""
    assert proposed(at=HOUR + 3600 - 30).workers == 2
    found = proposed(at=HOUR + 3600 - 20)
    assert found.workers == 29
    assert found.reason == (
        "29 needed for 12.5 jobs a second of 2 s each, which the model expects at 09:00 UTC, "
        "and 1.77 a second more for its errors."
    )
    assert found.confidence == 0.9


def test_a_load_that_nobody_expected_is_met_all_the_same():
    """Workers for what comes and, within ten seconds, for the work that waits beyond what 2 workers do in 25 s."""
    found = proposed(at=HOUR + 1800, waiting=100, due=(Due(5.0, 10), Due(300.0, 99)))
    assert found.workers == 21
    assert "of 100 that wait, 10 that fall due and those that come, within 10 s: more than the model" in found.reason


@pytest.mark.parametrize(
    ("model", "figures", "words"),
    [
        (None, {}, "no model has been trained (manage.py train_scaling)"),
        (BATCHES, {"at": HOUR + 20 * 86_400}, "the model knows nothing of the last 20 days"),
        (msgspec.structs.replace(BATCHES, goal=5.0), {}, "for a goal of 5 s, and the policy has 10 s"),
        (BATCHES, {"arrivals": Rates(61, 61, 61)}, "more jobs come than twice the 30 a second"),
        (BATCHES, {"service_time": None}, "too little is known of the last minutes"),
        (BATCHES, {"arrivals": Rates()}, "too little is known of the last minutes"),
    ],
)
def test_what_cannot_be_believed_is_said_and_latency_target_decides(model, figures, words):
    found = proposed(model, **{"at": HOUR, **figures})
    observation = seen(**{"at": HOUR, "workers": 2, **CALM, **figures})
    other = find("latency_target").decide(observation, Record(), msgspec.structs.replace(POLICY, parameters={}))
    assert found.workers == other.workers
    assert found.reason.startswith("As latency_target decides, because ")
    assert words in found.reason
    assert found.reason.endswith(other.reason)
    assert found.memory == other.memory


def test_parameters_change_the_margin_and_the_patience():
    at = HOUR + 3600 - 20
    bold = msgspec.structs.replace(POLICY, parameters={"caution": 0.0})
    assert proposed(at=at, policy=bold).workers == 25
    assert proposed(at=at, policy=bold).reason.endswith("which the model expects at 09:00 UTC.")
    patient = msgspec.structs.replace(POLICY, parameters={"stale_days": 30.0})
    assert "model expects" in proposed(at=HOUR + 20 * 86_400, policy=patient).reason


def test_a_small_growth_is_put_off_while_nothing_waits():
    at = HOUR + 3600 - 20
    assert proposed(at=at, workers=27).workers == 27
    assert "29 needed" in proposed(at=at, workers=27).reason
    assert proposed(at=at, workers=27, waiting=1, oldest_age=2.6).workers == 29


def test_the_trend_is_over_five_minutes():
    steps = [Step(seen(at=HOUR - ago, arrivals=Rates(0, rate, 0)), 1, 1) for ago, rate in ((310, 1.0), (200, 9.0))]
    found = [present(seen(at=HOUR, **CALM), record) for record in (Record(steps), Record())]
    assert [each["trend"] for each in found if each] == [-0.5, 0.0]


def test_the_clock_is_that_of_utc():
    assert clock(HOUR)["weekend"] == 0.0
    assert clock(HOUR + 86_400)["weekend"] == 1.0
    assert clock(HOUR - 8 * 3600) == pytest.approx(
        {"hour_sin": 0, "hour_cos": 1, "half_day_sin": 0, "half_day_cos": 1, "weekend": 0}
    )
    assert usual(HOUR, BATCHES.hourly, ()) == {"this_hour": 12.0, "this_hour_before": 0.0}


def test_a_model_is_plain_data_and_foreign_bytes_are_none():
    raw = write_model(BATCHES)
    again = read_model(raw)
    assert again is not None
    assert write_model(again) == raw
    short = write_model(msgspec.structs.replace(BATCHES, hourly=[1.0]))
    newer = write_model(msgspec.structs.replace(BATCHES, layout=9))
    assert [read_model(each) for each in (b"", b"\xff", b"{}", raw[:-1], short, newer)] == [None] * 6


def test_decisions_are_made_with_the_model_of_the_record():
    made = decide(POLICY, seen(at=HOUR + 3600 - 20, workers=2, **CALM), Record(model=BATCHES))
    assert (made.action, made.target, made.strategy) == (Action.SCALE_UP, 29, "ml")


@pytest.mark.parametrize(
    ("late", "late_target", "hours", "hours_target", "earns"),
    [
        (0.03, 0.4, 100, 180, True),
        (0.0195, 0.02, 100, 100, False),
        (0.018, 0.02, 100, 100, True),
        (0.018, 0.02, 101, 100, False),
        (0.005, 0.0, 94, 100, True),
        (0.02, 0.0, 94, 100, False),
        (0.0, 0.0, 100, 100, False),
    ],
)
def test_five_per_cent_less_lateness_or_cost_earn_a_place(late, late_target, hours, hours_target, earns):
    figures = Figures(
        error=0, error_as_now=0, fit=0, late=late, late_target=late_target, worker_hours=hours,
        worker_hours_target=hours_target,
    )  # fmt: skip
    assert earns_its_place(figures, 0.01) is earns
    assert sentence(figures, 0.01).endswith("it earns its place." if earns else "it does not earn its place.")


def test_after_many_changes_a_pool_does_not_shrink_for_little():
    busy = {"spent": 99.0, "at": HOUR + 1800, "changed": HOUR + 1790}
    observation = seen(at=HOUR + 1800, workers=40, **{**CALM, "arrivals": Rates(13, 13, 13)})
    often = find("ml").decide(observation, Record((), busy, BATCHES), POLICY)
    assert (often.workers, often.reason.endswith("; 40 are kept, because the pool was changed often lately.")) == (
        40,
        True,
    )
    seldom = find("ml").decide(observation, Record(model=BATCHES), POLICY)
    assert seldom.workers == 30
