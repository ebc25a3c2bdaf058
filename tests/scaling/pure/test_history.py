"""A recorded history as those see it who replay it and who learn from it."""

import pytest

from jobs.store.pool_minute import Minute
from scaling.history import as_trace, service_time
from scaling.simulator.comparison import compare
from scaling.simulator.conditions import Conditions


def minutes(busy_seconds: float) -> list[Minute]:
    """Ten minutes of 60 jobs each, which together took so many seconds."""
    return [Minute(start=60 * at, arrived=60, completed=60, busy_seconds=busy_seconds) for at in range(10)]


@pytest.mark.parametrize(("busy", "mean"), [(120.0, 2.0), (0.06, 0.001), (0.006, 0.0005), (0.0, 0.0005)])
def test_a_job_takes_half_a_millisecond_at_least(busy, mean):
    assert service_time(minutes(busy)) == pytest.approx(mean)


def test_without_completed_jobs_nothing_is_known():
    assert service_time([Minute(start=0, arrived=60)]) is None


def test_jobs_under_a_millisecond_can_be_replayed():
    recorded = minutes(0.0)
    service = service_time(recorded)
    assert service is not None
    found = compare(as_trace(recorded), ["latency_target"], Conditions(service=service, minimum=1))
    assert (found.rows[1].report.late, found.rows[1].report.actions) == (0.0, 0)
