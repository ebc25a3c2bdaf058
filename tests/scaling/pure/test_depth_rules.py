"""The strategies that look at depth, against the numbers of their formulas."""

import pytest

from scaling.policy import Policy
from scaling.record import Record
from scaling.strategies.lookup import find
from tests.scaling.pure.sights import depths, seen

POLICY = Policy(scale_up_threshold=50, scale_down_threshold=10)


@pytest.mark.parametrize(
    ("strategy", "waiting", "workers"),
    [
        ("default", 50, 4),
        ("default", 51, 5),
        ("default", 151, 7),
        ("default", 10, 4),
        ("default", 9, 3),
        ("aggressive", 25, 4),
        ("aggressive", 26, 6),
        ("aggressive", 76, 10),
        ("aggressive", 4, 3),
        ("conservative", 100, 4),
        ("conservative", 5000, 5),
        ("conservative", 9, 3),
    ],
)
def test_a_depth_gives_the_workers_of_the_formula(strategy, waiting, workers):
    assert find(strategy).decide(seen(waiting), Record(), POLICY).workers == workers


@pytest.mark.parametrize("strategy", ["default", "aggressive", "conservative", "predictive"])
def test_more_than_a_fifth_of_errors_is_an_emergency(strategy):
    assert find(strategy).decide(seen(0, error_rate=0.2), Record(), POLICY).workers == 3
    proposal = find(strategy).decide(seen(0, error_rate=0.21), Record(), POLICY)
    assert (proposal.workers, "21 %" in proposal.reason) == (6, True)


def test_a_rising_line_is_followed_sixty_seconds_on():
    """5 jobs more every 5 s: 45 wait now, 105 in a minute: ceil(105 / 50) = 3 more workers."""
    proposal = find("predictive").decide(seen(45), depths(range(0, 45, 5)), POLICY)
    assert proposal.workers == 7
    assert proposal.confidence == pytest.approx(1.0)
    assert "105 jobs expected to wait in 60 s" in proposal.reason


def test_urgency_ends_at_three():
    """10 jobs more every 5 s: 170 in a minute are 3.4 times the threshold."""
    assert find("predictive").decide(seen(50), depths(range(0, 50, 10)), POLICY).workers == 7


def test_a_queue_that_has_grown_already_gets_what_the_rule_of_thresholds_asks_for():
    """900 wait: ceil(850 / 50) = 17 more, where urgency would end at three."""
    proposal = find("predictive").decide(seen(900), depths(range(0, 900, 100)), POLICY)
    assert (proposal.workers, proposal.reason) == (21, "900 jobs wait, more than 50: 17 more.")


def test_a_falling_line_takes_one_away():
    assert find("predictive").decide(seen(5), depths(range(50, 5, -5)), POLICY).workers == 3


def test_a_job_or_two_is_no_growth():
    assert find("predictive").decide(seen(2), depths([0, 0, 1]), POLICY).workers == 4
