"""The verdict of the load test: which figures keep the limits and which do not."""

from tests.load.plan import BULK, ENQUEUE, ENQUEUES, HARD, SUBMISSION, Phase, current, faster
from tests.load.report import Sample, lines, missed, percentile

PHASE = Phase("Spike test", 10, 10, SUBMISSION)
FINE = [15.0] * 95 + [45.0] * 4 + [85.0]


def verdict(times, errors=(), kind=ENQUEUE, phase=PHASE):
    return list(missed([phase], {(0, kind): Sample(list(times), list(errors))}))


def test_times_at_the_limits_keep_them():
    assert verdict(FINE) == []


def test_each_limit_that_is_missed_is_named():
    assert verdict([15.1] * 51 + [1.0] * 49) == ["Spike test: p50 of POST /api/jobs is 15.1 ms, more than 15 ms"]
    assert verdict([1.0] * 94 + [46.0] * 6) == ["Spike test: p95 of POST /api/jobs is 46.0 ms, more than 45 ms"]
    assert verdict([1.0] * 98 + [90.0] * 2) == ["Spike test: p99 of POST /api/jobs is 90.0 ms, more than 85 ms"]


def test_one_error_misses():
    assert verdict(FINE, ["503"]) == ["Spike test: 1 of POST /api/jobs went wrong, the first: 503"]


def test_too_few_requests_miss():
    assert verdict(FINE[:90]) == ["Spike test: 9.0 requests a second were made of 10"]
    assert len(verdict([])) == 1


def test_other_requests_have_no_limit_of_time():
    assert verdict([500.0] * 100, kind=BULK) == []
    assert verdict([500.0] * 100, phase=Phase("Warm up", 10, 10)) == []


def test_a_percentile_is_a_time_that_was_measured():
    assert percentile([4.0, 1.0, 3.0, 2.0], 0.5) == 2.0
    assert percentile([4.0, 1.0, 3.0, 2.0], 0.99) == 4.0
    assert percentile([], 0.5) == 0.0


def test_the_table_has_a_line_for_each_kind_and_phase():
    table = list(lines([PHASE], {(0, ENQUEUE): Sample(FINE), (0, BULK): Sample([2.0], ["503"])}))
    assert [line.split()[-8:] for line in table[1:]] == [
        ["/api/jobs", "100", "10.0", "15.0", "15.0", "45.0", "85.0", "0"],
        ["/api/jobs/bulk", "1", "0.1", "2.0", "2.0", "2.0", "2.0", "1"],
    ]


def test_phases_follow_each_other():
    assert [current(ENQUEUES, second) for second in (0, 59.9, 60, 179, 180, 239, 240)] == [0, 0, 1, 1, 2, 2, None]
    assert [phase.seconds for phase in faster(ENQUEUES, 20)] == [5, 6, 5]


def test_the_phases_are_those_of_the_artillery_file_and_a_harder_plan():
    assert [(phase.seconds, phase.rate) for phase in ENQUEUES] == [(60, 10), (120, 50), (60, 100)]
    assert max(phase.rate for phase in HARD) > max(phase.rate for phase in ENQUEUES)
