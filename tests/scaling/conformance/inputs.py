"""What strategies may be given: pools of all kinds, true or not."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from scaling.ml.model import Figures, Model
from scaling.observation import Due, Observation, Rates
from scaling.policy import Policy
from scaling.record import Record, Step

some = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
"""A few examples, always the same: the name of the strategy comes from a fixture."""

NOW = 1_800_000_000.0
HUGE = 1e15

COUNTS = st.one_of(st.integers(0, 50), st.integers(0, 10**15))
FIGURES = st.one_of(st.floats(0, 100), st.floats(0, HUGE))
RATES = st.builds(Rates, *[st.none() | FIGURES] * 3)
UNTRUE = st.sampled_from([float("nan"), float("inf"), float("-inf"), -1.0])

TRUE = st.builds(
    Observation,
    at=st.floats(NOW, NOW + 86_400),
    workers=st.integers(0, 200),
    starting=st.integers(0, 50),
    draining=st.integers(0, 50),
    slots=st.integers(1, 50),
    waiting=COUNTS,
    active=st.integers(0, 10**6),
    oldest_age=FIGURES,
    arrivals=RATES,
    completions=RATES,
    due=st.lists(st.builds(Due, st.floats(0, 300), st.integers(0, 10**6)), max_size=3).map(tuple),
    service_time=st.none() | FIGURES,
    usual_service_time=st.none() | FIGURES,
    error_rate=st.none() | st.floats(0, 1),
    startup_time=st.none() | st.floats(0, 3600),
)

FALSE = st.one_of(
    st.builds(Observation, at=st.just(NOW), workers=st.integers(0, 9), service_time=UNTRUE),
    st.builds(Observation, at=st.just(NOW), workers=st.integers(0, 9), usual_service_time=UNTRUE),
    st.builds(Observation, at=st.just(NOW), workers=st.integers(0, 9), error_rate=UNTRUE),
    st.builds(Observation, at=st.just(NOW), workers=st.integers(0, 9), startup_time=UNTRUE),
    st.builds(Observation, at=st.just(NOW), workers=st.integers(0, 9), oldest_age=UNTRUE),
    st.builds(Observation, at=st.just(NOW), workers=st.integers(0, 9), arrivals=st.builds(Rates, UNTRUE)),
    st.builds(Observation, at=st.just(NOW), workers=st.integers(0, 9), completions=st.builds(Rates, last_60s=UNTRUE)),
    st.builds(Observation, at=st.just(NOW), workers=st.integers(0, 9), waiting=st.integers(max_value=-1)),
    st.builds(Observation, at=st.just(NOW), workers=st.integers(max_value=-1)),
    st.builds(Observation, at=st.just(NOW), workers=st.integers(0, 9), slots=st.integers(max_value=0)),
    st.builds(
        Observation,
        at=st.just(NOW),
        workers=st.integers(0, 9),
        due=st.builds(Due, st.just(5.0), st.integers(max_value=-1)).map(lambda due: (due,)),
    ),
)

MODEL = Model(
    pool="default",
    goal=10.0,
    since=NOW - 86_400,
    until=NOW,
    minutes=1440,
    highest=HUGE,
    bias=1.0,
    weights={"rate": 1.0, "trend": 0.5, "this_hour": 1.0, "hour_sin": 0.1},
    hourly=[float(minute) for minute in range(60)],
    spread=0.5,
    figures=Figures(
        error=1.0, error_as_now=2.0, fit=0.5, late=0.0, late_target=0.0, worker_hours=1.0, worker_hours_target=1.0
    ),
)

STEPS = st.lists(TRUE, max_size=4).map(
    lambda seen: [Step(each, 3, 3) for each in sorted(seen, key=lambda observation: observation.at)]
)
RECORDS = st.builds(Record, STEPS, st.builds(dict), st.sampled_from([None, MODEL]))
POLICIES = st.builds(
    Policy,
    minimum=st.integers(0, 10),
    maximum=st.integers(10, 500),
    cooldown_down=st.sampled_from([0.0, 30.0]),
    stabilization=st.sampled_from([0.0, 30.0]),
    wait_goal=st.sampled_from([0.05, 10.0, 3600.0]),
    interval=st.sampled_from([1.0, 5.0, 300.0]),
    parameters=st.builds(dict),
)
