"""The wait before a retry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.backoff import DEFAULT, Backoff, delay_ms


class Fixed:
    """A source of randomness that always says the same."""

    def __init__(self, number):
        self.number = number

    def random(self):
        return self.number


NO_JITTER, MOST_JITTER = Fixed(0.0), Fixed(0.999999)


def test_the_default_doubles_from_one_second_up_to_a_minute():
    waits = [delay_ms(retry, DEFAULT, NO_JITTER) for retry in range(9)]
    assert waits == [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]


def test_jitter_adds_up_to_three_tenths_on_top():
    assert delay_ms(0, DEFAULT, MOST_JITTER) == 1300
    assert 60_000 <= delay_ms(50) <= 78_000


def test_a_factor_of_one_waits_the_same_each_time():
    assert [delay_ms(retry, Backoff(base=3, factor=1), NO_JITTER) for retry in (0, 1, 100)] == [3000] * 3


def test_a_base_of_zero_does_not_wait():
    assert delay_ms(100, Backoff(base=0, max=0), MOST_JITTER) == 0


POLICIES = st.builds(
    Backoff,
    base=st.floats(0, 31_536_000),
    factor=st.floats(1, 1000),
    max=st.floats(0, 31_536_000),
    jitter=st.floats(0, 1),
).filter(lambda policy: policy.problem() is None)


@given(POLICIES, st.integers(0, 10**9), st.floats(0, 1, exclude_max=True))
def test_every_policy_gives_a_wait_within_its_bounds(policy, retry, chance):
    wait = delay_ms(retry, policy, Fixed(chance))
    assert round(policy.base * 1000) <= wait <= round(policy.max * (1 + policy.jitter) * 1000)
    assert delay_ms(retry, policy, NO_JITTER) <= delay_ms(retry + 1, policy, NO_JITTER)


@pytest.mark.parametrize(
    ("policy", "word"),
    [
        (Backoff(base=-1), "base"),
        (Backoff(base=float("nan")), "base"),
        (Backoff(base=float("inf")), "base"),
        (Backoff(factor=0.5), "factor"),
        (Backoff(factor=1001), "factor"),
        (Backoff(base=10, max=5), "max"),
        (Backoff(max=float("inf")), "max"),
        (Backoff(jitter=1.1), "jitter"),
        (Backoff(jitter=-0.1), "jitter"),
    ],
)
def test_numbers_that_cannot_be_used_are_named(policy, word):
    assert str(policy.problem()).startswith(word)
