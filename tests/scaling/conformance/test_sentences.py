"""What a sentence says of its inputs is what they were."""

from __future__ import annotations

import math
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling.observation import Due, Observation, Rates
from scaling.policy import Policy
from scaling.proposal import Proposal
from scaling.record import Record
from scaling.strategies.asking import ask
from scaling.strategies.lookup import find
from scaling.strategies.words import plain
from tests.scaling.pure.sights import depths, seen

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
    assert set(numbers("(?:jobs? waits?|that wait|jobs? waiting)", said)) <= {seen.waiting}
    assert set(numbers("that fall due", said)) <= {each.jobs for each in seen.due}
    assert numbers("% of executions failed", said) in ([], [float(f"{100 * seen.error_rate:.4g}")])
    if "the model expects" not in said:
        assert_rates(seen, said)
        assert_service(seen, said)
    assert_outcome(seen, answer)


def assert_rates(seen: Observation, said: str) -> None:
    """Check how many jobs come a second, and when they did."""
    known = [float(plain(rate)) for rate in msgspec.structs.astuple(seen.arrivals)]
    for rate in numbers("jobs? a second", said):
        if between := re.search(rf", between the {NUMBER} of now and the {NUMBER} of the last five minutes", said):
            now, steady = map(float, between.groups())
            assert (now in known, steady) == (True, known[2])
            assert now <= rate <= steady
        else:
            assert rate in (known[2:] if "as over the last five minutes" in said else known)


def assert_service(seen: Observation, said: str) -> None:
    """Check how long a job takes: the mean of lately and usually, or lately where it is quite another for many jobs."""
    lately, usual = seen.service_time, seen.usual_service_time
    assert lately is not None
    mean, words = lately, ""
    if usual:
        is_over = 60 * (seen.completions.last_60s or 0) >= 100 and not 1 / 1.5 < lately / usual < 1.5
        mean = lately if is_over else (lately + usual) / 2
        words = f" ({plain(lately)} lately, {plain(usual)} usually)" if plain(lately) != plain(usual) else ""
    assert said.count(" s each") == said.count(f"of {plain(mean)} s each{words}")
    assert said.count("lately") == words.count("lately") * said.count(" s each")


def assert_outcome(seen: Observation, answer: Proposal) -> None:
    """Check that the number of workers follows from the sentence."""
    said = answer.reason
    if more := numbers("more[.;]", said) + ([2.0] if "two more" in said else []):
        assert answer.workers == seen.supply + more[-1]
    elif "one less" in said:
        assert answer.workers == seen.supply - 1
    elif "no worker to take away" in said:
        assert (answer.workers, seen.supply) == (0, 0)
    elif "none is taken away while" in said or re.search(r"within [\d.]+ to [\d.]+\.", said):
        assert answer.workers == seen.supply
    elif needed := numbers("needed", said):
        assert_need(seen, needed[0], said)
        if "; " not in said:
            assert answer.workers == needed[0]
        else:
            assert answer.workers in {int(each) for each in re.findall(r"; (?:for so few more )?(\d+)", said)}
            assert answer.workers == seen.supply or answer.workers > needed[0] - math.ceil(0.2 * seen.supply)


def assert_need(seen: Observation, needed: float, said: str) -> None:
    """Check that what is needed is what the figures of the sentence come to."""
    if "a worker:" in said:  # somebody else's
        return
    slots = int(re.findall(r"where a worker runs (\d+) at once", f"{said} where a worker runs 1 at once")[0])
    assert slots == seen.slots
    peak_words = rf"{NUMBER} jobs? that .* in \d+ s and {NUMBER} more to be safe, of which {NUMBER} % at once"
    if "waiting: all stay" in said:
        work = float(seen.supply * slots)
    elif "needed for nothing" in said or "next to nothing to do" in said:
        assert needed <= 1
        return
    elif peak := re.search(peak_words, said):
        mean, margin, share = map(float, peak.groups())
        work = (mean + margin) * share / 100
    elif run := re.search(rf"\d+ needed for {NUMBER} jobs? that run or wait", said):
        work = float(run[1])
    else:
        rate, service = sum(numbers("jobs? a second", said)[:1]), numbers("s each", said)[0]
        top = numbers("% on top", said)
        rate += sum(numbers("a second more for its errors", said))
        work = rate * service * (1 + sum(top) / 100)
        if left := re.search(rf"the {NUMBER} left in .*, within {NUMBER} s", said):
            work += float(left[1]) * service / float(left[2])
        if waiting := re.search(rf"{NUMBER} jobs? waiting.*, within {NUMBER} s", said):
            work += float(waiting[1]) * service / float(waiting[2])
    assert needed == pytest.approx(work / slots, abs=1 + 0.02 * work / slots)


UNKNOWN = st.none() | st.floats(0.1, 5)


@given(seen=LIVELY, lately=UNKNOWN, usual=UNKNOWN, slots=st.integers(1, 8), goal=st.sampled_from([1.0, 10.0, 60.0]))
@some
def test_what_is_needed_follows_from_the_sentence(seen, lately, usual, slots, goal):
    """Whatever is known of service times, with several slots, for workers that come in time and for others."""
    sight = msgspec.structs.replace(seen, service_time=lately, usual_service_time=usual, slots=slots)
    for strategy, model in (("latency_target", None), ("ml", msgspec.structs.replace(MODEL, goal=goal))):
        policy = Policy(strategy=strategy, wait_goal=goal)
        said = ask(find(strategy), sight, Record(model=model), policy).reason
        assert_need(sight, numbers("needed", said)[0], said)
        if "s each" in said and strategy == "latency_target":
            assert ("none has been measured" in said) == (not lately and not usual)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.00004, "0"), (0.00123, "0.00123"), (1.0, "1"), (12.345, "12.3"), (99.96, "100"), (4908.4, "4908")],
)
def test_figures_in_sentences_are_plain(value, text):
    assert plain(value) == text


THREE = "the 3 left in 25 s of 3 that wait and those that come, of 1 s each (none has been measured)"


def little(**fields):
    """A pool of one worker to which next to nothing comes."""
    return msgspec.structs.replace(Observation(at=NOW, workers=1, arrivals=Rates(0.0, 0.0, 0.0)), **fields)


@pytest.mark.parametrize(
    ("strategy", "sight", "record", "workers", "said"),
    [
        ("default", seen(1), Record(), 3, "1 job waits, fewer than 10: one less."),
        ("default", seen(3, workers=0), Record(), 0, "3 jobs wait, fewer than 10: there is no worker to take away."),
        ("default", seen(0, error_rate=0.2004), Record(), 6,
         "20.04 % of executions failed in the last minute, more than 20 %: two more."),
        ("aggressive", seen(26), Record(), 6, "26 jobs wait, more than 25: 2 more."),
        ("predictive", seen(20), depths(range(100, 20, -5)), 4,
         "0 jobs expected to wait in 60 s, growth -80 %: none is taken away while 20 wait."),
        ("latency_target", little(), Record(), 0, "0 needed for nothing: no jobs wait, run or come now."),
        ("latency_target", little(arrivals=Rates(None, None, None), workers=0), Record(), 0,
         "0 needed for nothing: no jobs wait or run now."),
        ("latency_target", little(arrivals=Rates(0.004, 0.004, 0.004), service_time=0.04), Record(), 1,
         "1 needed for next to nothing to do in 25 s, to be safe."),
        ("latency_target", little(arrivals=Rates(0.004, 0.004, 0.004), startup_time=1.0), Record(), 1,
         "1 needed for next to nothing to do."),
        ("latency_target", little(waiting=3), Record(), 1,
         "1 needed for 3 jobs waiting of 1 s each (none has been measured), within 33 s."),
        ("latency_target", little(waiting=3, workers=0), Record(), 2,
         f"1 needed for {THREE}, within 8 s; 2, so as not to grow again at once."),
    ],
)  # fmt: skip
def test_what_is_said_is_true_at_the_edges(strategy, sight, record, workers, said):
    made = ask(find(strategy), sight, record, Policy(strategy=strategy, minimum=0))
    assert (made.workers, made.reason) == (workers, said)
