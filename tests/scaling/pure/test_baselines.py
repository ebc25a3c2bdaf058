"""How others decide, against the numbers of their formulas."""

import pytest

from scaling.policy import Policy
from scaling.record import Record, Step
from scaling.simulator.presets import BASELINES, choices, preset, title
from scaling.strategies.lookup import find
from tests.scaling.pure.sights import NOW, past, seen


def proposed(name, observation, record=None):
    policy = BASELINES[name]
    return find(policy.strategy).decide(observation, record or Record(), policy)


def loads(*values, every, workers=4, **memory):
    """A record of waiting jobs, the last `every` seconds ago."""
    last = len(values)
    return Record(
        tuple(
            Step(seen(waiting=value, workers=workers, at=NOW - every * (last - index)), workers, workers)
            for index, value in enumerate(values)
        ),
        memory,
    )


@pytest.mark.parametrize(
    ("name", "figures", "workers"),
    [
        ("hpa", {"waiting": 2, "active": 3}, 8),  # ceil(5 / 0.7)
        ("hpa", {"waiting": 0, "active": 3}, 4),  # within a tenth of 4 * 0.7
        ("hpa", {"waiting": 100, "active": 4}, 8),  # 4 more in 15 s
        ("hpa", {"waiting": 100, "active": 4, "workers": 10}, 20),  # 100 % more in 15 s
        ("hpa_tuned", {"waiting": 0, "active": 5}, 6),  # ceil(5 / 0.9)
        ("keda", {"waiting": 26, "active": 4}, 6),  # ceil(26 / 5), what runs is not seen
        ("knative", {"waiting": 0, "active": 4}, 6),  # ceil(4 / 0.7)
        ("knative", {"waiting": 10, "active": 4}, 20),  # panic: ceil(14 / 0.7) is over twice 4
        ("celery", {"waiting": 3, "active": 4}, 7),
        ("celery", {"waiting": 90, "active": 4}, 16),  # four for each process are reserved
        ("hpa", {"waiting": 20, "active": 8, "slots": 5}, 8),  # ceil(28 / 3.5)
        ("hpa_tuned", {"waiting": 0, "active": 25, "slots": 5}, 6),  # ceil(25 / 4.5)
        ("keda", {"waiting": 130, "active": 4, "slots": 5}, 6),  # ceil(130 / 25)
        ("celery", {"waiting": 13, "active": 20, "slots": 5}, 7),  # ceil(33 / 5)
        ("celery", {"waiting": 900, "active": 20, "slots": 5}, 16),  # four for each of 20 processes: 80 / 5
        ("judoscale", {"oldest_age": 5.1}, 5),
        ("judoscale", {"oldest_age": 5.0}, 4),
        ("judoscale", {"oldest_age": 0.9}, 3),
        ("aws_backlog", {"waiting": 900}, 4),  # the first value raises no alarm
    ],
)
def test_a_look_gives_the_workers_of_the_formula(name, figures, workers):
    assert proposed(name, seen(**figures)).workers == workers


def test_hpa_counts_what_it_has_added_in_the_last_quarter_of_a_minute():
    assert proposed("hpa", seen(waiting=100, workers=8), past((10, 4, 8, 8))).workers == 8
    assert proposed("hpa", seen(waiting=100, workers=8), past((15, 4, 8, 8))).workers == 16


def test_knative_does_not_shrink_in_panic_and_halves_at_most():
    quiet = loads(*[0] * 30, every=2.0, workers=40)
    assert proposed("knative", seen(workers=40), Record(quiet.steps, {"panic": NOW - 59})).workers == 40
    assert proposed("knative", seen(workers=40), Record(quiet.steps, {"panic": NOW - 60})).workers == 20


def test_celery_shrinks_half_a_minute_after_it_last_grew():
    assert proposed("celery", seen(active=1), Record((), {"grown": NOW - 30})).workers == 4
    assert proposed("celery", seen(active=1), Record((), {"grown": NOW - 31})).workers == 1


def test_target_tracking_waits_for_its_alarms():
    """10 s of 2 s jobs: 5 for each worker. Out after three minutes above it, in after fifteen below 0.9 of it."""
    assert proposed("aws_backlog", seen(60, service_time=2.0), loads(60, 60, every=60.0)).workers == 12
    assert proposed("aws_backlog", seen(60, service_time=2.0), loads(19, 60, every=60.0)).workers == 4
    assert proposed("aws_backlog", seen(300, service_time=2.0, slots=5), loads(300, 300, every=60.0)).workers == 12
    assert proposed("aws_backlog", seen(9, service_time=2.0), loads(*[9] * 14, every=60.0)).workers == 2
    assert proposed("aws_backlog", seen(9, service_time=2.0), loads(*[9] * 13, every=60.0)).workers == 4


def test_each_choice_has_a_preset_a_title_and_a_rule_that_answers():
    for name in choices():
        policy = preset(name, 20.0)
        assert isinstance(policy, Policy)
        assert title(name)
        assert find(policy.strategy).decide(seen(3, active=2), Record(), policy).reason.endswith(".")
