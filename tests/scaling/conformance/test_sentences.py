"""What a sentence says of its inputs is what they were."""

from __future__ import annotations

import math
import re

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from scaling.observation import Due, Observation, Rates
from scaling.policy import Policy
from scaling.proposal import Proposal
from scaling.record import Record
from scaling.strategies.asking import ask
from scaling.strategies.lookup import find

from .inputs import MODEL, NOW, some

LEVELS = st.floats(0.5, 50)
RATES = LEVELS.map(lambda rate: Rates(rate, rate, rate)) | st.builds(Rates, LEVELS, LEVELS, LEVELS)
NUMBER = r"([\d.]+(?:e[+-]?\d+)?)"
LIVELY = st.builds(
    Observation,
    at=st.floats(NOW, NOW + 3600),
    workers=st.integers(1, 40),
    starting=st.integers(0, 4),
    waiting=st.integers(0, 400),
    active=st.integers(0, 40),
    oldest_age=st.floats(0, 60),
    arrivals=RATES,
    completions=LEVELS.map(lambda rate: Rates(rate, rate, rate)),
    due=st.integers(0, 90).map(lambda jobs: (Due(5.0, jobs), Due(300.0, 7))),
    service_time=st.floats(0.1, 5),
    usual_service_time=st.none() | st.floats(0.1, 5),
    error_rate=st.floats(0, 0.4),
    startup_time=st.sampled_from([1.0, 8.0, 20.0]),
)


def numbers(pattern: str, text: str) -> list[float]:
    """What stands before some words."""
    return [float(each) for each in re.findall(rf"{NUMBER} {pattern}", text)]


@given(seen=LIVELY, model=st.sampled_from([None, MODEL]))
@some
def test_the_numbers_of_a_sentence_are_those_of_its_inputs(name, seen, model):
    policy = Policy(strategy=name)
    answer = ask(find(name), seen, Record(model=model), policy)
    said = answer.reason
    assert set(numbers("(?:jobs wait|that wait)", said)) <= {seen.waiting}
    assert set(numbers("that fall due", said)) <= {seen.due[0].jobs}
    assert set(numbers("of executions failed", said.replace("%", ""))) <= {float(f"{seen.error_rate:.0%}"[:-1])}
    if "the model expects" in said:
        assert re.findall(r"of ([\d.]+) s each", said) == [f"{seen.service_time:.2g}"]
    else:
        assert_rates(seen, said)
        assert_service(seen, said)
    assert_outcome(seen, answer)


def assert_rates(seen: Observation, said: str) -> None:
    """Check how many jobs come a second, and when they did."""
    known = [float(f"{rate:.3g}") for rate in msgspec.structs.astuple(seen.arrivals)]
    for rate in numbers("jobs a second", said):
        if between := re.search(rf", between the {NUMBER} of now and the {NUMBER} of five minutes before", said):
            now, steady = map(float, between.groups())
            assert (now in known, steady) == (True, known[2])
            assert now <= rate <= steady
        else:
            assert rate in (known[2:] if "as in five minutes before" in said else known)


def assert_service(seen: Observation, said: str) -> None:
    """Check how long a job takes: the mean of lately and usually, where both are known."""
    lately, usual = seen.service_time, seen.usual_service_time
    assert lately is not None
    mean, words = lately, ""
    if usual:
        mean = (lately + usual) / 2
        words = f" ({lately:.2g} lately, {usual:.2g} usually)" if f"{lately:.2g}" != f"{usual:.2g}" else ""
    assert said.count(" s each") == said.count(f"of {mean:.2g} s each{words}")
    assert said.count("lately") == words.count("lately") * said.count(" s each")


def assert_outcome(seen: Observation, answer: Proposal) -> None:
    """Check that the number of workers follows from the sentence."""
    said = answer.reason
    if more := numbers("more[.;]", said) + ([2.0] if "two more" in said else []):
        assert answer.workers == seen.supply + more[-1]
    elif "one less" in said:
        assert answer.workers == seen.supply - 1
    elif "within the thresholds" in said or re.search(r"within \d+ to \d+", said):
        assert answer.workers == seen.supply
    elif (needed := numbers("needed", said)) and "; " not in said:
        assert answer.workers == needed[0]
    elif needed:
        assert answer.workers in {int(each) for each in re.findall(r"; (?:for so few more )?(\d+)", said)}
        assert answer.workers == seen.supply or answer.workers > needed[0] - math.ceil(0.2 * seen.supply)
