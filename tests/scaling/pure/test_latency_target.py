"""The latency target: few changes, nothing given up unseen, and a memory that stays small."""

import pytest

from scaling.observation import Due, Rates
from scaling.policy import Policy
from scaling.record import Record, Step
from scaling.simulator.run import Pool, simulate
from scaling.simulator.trace import Trace
from scaling.simulator.workload import workload
from scaling.strategies.calm import Calm
from scaling.strategies.latency_target import LatencyTarget
from tests.scaling.pure.sights import NOW, seen

POLICY = Policy(strategy="latency_target", minimum=2, maximum=200, stabilization=0)
STEADY = {"arrivals": Rates(1.0, 1.0, 1.0), "service_time": 2.0, "startup_time": 1.0}


def after(workers, decided, **memory):
    """A record of one step five seconds ago."""
    return Record((Step(seen(workers=workers, at=NOW - 5), decided, decided),), {"at": NOW - 5, **memory})


def decided(record, **figures):
    return LatencyTarget().decide(seen(**{"workers": 20, **STEADY, **figures}), record, POLICY)


def test_each_change_fills_the_bucket_and_time_empties_it():
    first = Calm.of(seen(), after(4, 6, spent=3.0), 60, 200)
    assert first.spent == pytest.approx(3.0 - 5 * 45 / 3600 + 1)
    assert (first.most, first.strain, first.quiet(NOW)) == (9.0, 0.0, 5.0)
    assert Calm.of(seen(), after(4, 4, spent=9.0, changed=NOW - 50), 60, 200).strain == pytest.approx(0.99, abs=0.01)
    assert Calm.of(seen(), after(4, 6, spent=50.0), 60, 200).spent == 13.5
    assert Calm.of(seen(), Record(), 60, 200).quiet(NOW) == float("inf")


def test_what_a_guard_keeps_below_what_was_proposed_is_not_counted():
    guarded = Record((Step(seen(workers=20, at=NOW - 5), 40, 14),), {"at": NOW - 5, "spent": 3.0})
    assert Calm.of(seen(), guarded, 60, 200).spent < 3.0
    assert Calm.of(seen(), guarded, 60, 14).spent > 3.0


def test_a_pool_that_has_been_changed_often_keeps_what_it_has():
    made = decided(after(20, 20, spent=10.0))
    assert (made.workers, "20 stay, since it has been changed often enough for now" in made.reason) == (20, True)
    assert decided(after(20, 20)).workers == 2


def test_growth_that_the_goal_needs_is_never_put_off():
    busy = {"arrivals": Rates(30.0, 30.0, 30.0), "waiting": 100, "oldest_age": 6.0}
    assert decided(after(20, 20, spent=50.0), **busy).workers > 60


def test_nothing_is_given_up_before_arrivals_have_been_counted():
    made = decided(Record(), arrivals=Rates())
    assert (made.workers, "until somebody has counted" in made.reason) == (20, True)


def test_a_change_of_a_moment_ago_is_not_taken_back():
    made = decided(after(4, 20), startup_time=20.0)
    assert (made.workers, "since the last change was 5 s ago" in made.reason) == (20, True)


@pytest.mark.parametrize("startup", [20.0, 1.0])
def test_a_frantic_hour_has_sixty_changes_at_most(startup):
    jobs = workload(Trace("saw", 20.0, [1 + 20 * (at % 4) / 4 for at in range(180)]))
    assert simulate(jobs, POLICY, Pool(startup)).actions_per_hour <= 60


@pytest.mark.parametrize("cooldown", [0.0, 30.0])
def test_nobody_is_sent_away_while_a_batch_is_late(cooldown):
    """18,000 jobs of 50 ms at once, twenty workers at most: they work until it is done, then go, once."""
    jobs = workload(Trace("batch", 1.0, [18_000.0] + [0.0] * 199), 0.05, 0.5)
    policy = Policy(strategy="latency_target", minimum=1, maximum=20, cooldown_down=cooldown)
    report = simulate(jobs, policy, Pool(1.0, workers=1))
    assert (report.changes[0].at, report.changes[0].target) == (5.0, 20)
    assert report.p99 < 52
    assert [change.target < change.current for change in report.changes] == [False, True, True]


def test_what_clears_a_backlog_in_time_is_all_that_stays():
    calm = {"workers": 20, "waiting": 300, "active": 20, "service_time": 0.5, "oldest_age": 2.0}
    made = decided(after(20, 20), **calm, arrivals=Rates(2.0, 2.0, 2.0))
    assert (made.workers, made.reason) == (
        11,
        "11 needed for 2 jobs a second of 0.5 s each, and 300 jobs waiting, within 16 s.",
    )
    late = decided(after(20, 20), **calm | {"oldest_age": 11.0}, arrivals=Rates(2.0, 2.0, 2.0))
    assert (late.workers, "300 jobs waiting: all stay" in late.reason) == (20, True)
    three = {"oldest_age": 11.0, "waiting": 3, "active": 1, "service_time": 10.0}
    few = decided(after(20, 20), **calm | three, arrivals=Rates(0.1, 0.1, 0.1))
    assert (few.workers, few.reason) == (4, "4 needed for 4 jobs that run or wait.")


def test_what_was_needed_a_while_ago_is_no_reason_to_grow():
    memory = {f"{NOW - 5:.3f}": 26.0}
    idle = {"arrivals": Rates(0.5, 0.5, 0.5), "startup_time": 20.0}
    assert decided(Record((), {"at": NOW - 5, **memory}), workers=1, **idle).workers == 3
    assert decided(Record((), {"at": NOW - 5, **memory}), workers=5, **idle).workers == 5


@pytest.mark.parametrize(
    ("lately", "usual", "a_second", "seconds"),
    [(1.0, 0.05, 10.0, "1 s each"), (1.0, 0.05, 1.0, "0.525 s each"), (1.0, 0.8, 10.0, "0.9 s each")],
)
def test_a_usual_time_that_is_over_is_not_believed(lately, usual, a_second, seconds):
    rates = Rates(a_second, a_second, a_second)
    figures = {"service_time": lately, "usual_service_time": usual, "arrivals": rates, "completions": rates}
    assert seconds in decided(after(20, 20), **figures).reason


def test_what_is_remembered_of_a_long_decline_stays_small():
    memory: dict[str, float] = {}
    for at in range(500):
        rates = Rates(*[500.0 - at] * 3)
        made = decided(Record((), memory), at=NOW + at, workers=1000, arrivals=rates, startup_time=20.0)
        memory = dict(made.memory)
    assert len(memory) <= 110


def test_a_job_that_falls_due_soon_is_counted_once():
    due = (Due(5.0, 30), Due(15.0, 30), Due(30.0, 40), Due(60.0, 900))
    made = decided(Record(), workers=8, waiting=200, oldest_age=5.0, startup_time=20.0, due=due)
    assert "and the 165 left in 25 s of 200 that wait, 40 that fall due and those that come, within 8 s" in made.reason
    alone = decided(Record(), workers=8, waiting=200, oldest_age=5.0, startup_time=20.0, due=(Due(30.0, 40),))
    assert made.workers == alone.workers
