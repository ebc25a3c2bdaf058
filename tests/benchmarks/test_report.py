"""The pure half of the benchmark: percentiles, medians, ratios, the table, the order of a run."""

from __future__ import annotations

import io
import json
import random

import pytest

from benchmarks import options, report, runner
from benchmarks.catalogue import BUDGETS, BY_KEY, MEASURES, verdict
from benchmarks.errors import BenchmarkError
from benchmarks.feed import Feed, Mix
from benchmarks.figures import Best, Sample, best, median, percentile, rate, ratio
from benchmarks.measures.mixes import MIXES
from benchmarks.measures.throughput import bytes_a_job
from benchmarks.progress import Progress
from benchmarks.results import Results
from benchmarks.work import PAYLOAD_BYTES, payload


@pytest.fixture
def results() -> Results:
    collected = Results(ours="queueflow")
    for ours, celery, huey in ((9000.0, 500.0, 2000.0), (12000.0, 700.0, 3000.0), (15000.0, 600.0, 1000.0)):
        collected.add("queueflow", {"jobs_sync": ours, "latency_p50": 1.5, "mix_heavy": 24.0, "bound_heavy": 25.0})
        collected.add("celery", {"jobs_sync": celery, "latency_p50": 3.0})
        collected.add("huey", {"jobs_sync": huey, "latency_p50": 1.0})
    return collected


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([7.0], 0.5, 7.0),
        ([3.0, 1.0, 2.0], 0.5, 2.0),
        ([float(n) for n in range(1, 101)], 0.95, 95.0),
        ([float(n) for n in range(1, 101)], 0.99, 99.0),
        ([1.0, 2.0], 0.0, 1.0),
        ([1.0, 2.0], 1.0, 2.0),
    ],
)
def test_a_percentile_is_the_nearest_rank(values, share, expected):
    assert percentile(values, share) == expected


def test_a_percentile_of_nothing_is_refused():
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_one_slow_round_does_not_move_the_median():
    assert median([100.0, 101.0, 3.0, 102.0, 99.0]) == 100.0


def test_best_follows_the_direction_of_the_measure():
    values = {"a": 1.0, "b": 2.0}
    assert (best(values, "higher"), best(values, "lower")) == (Best("b", 2.0), Best("a", 1.0))
    assert best({}, "higher") is None


def test_a_ratio_to_zero_is_unknown():
    assert ratio(4.0, 2.0) == 2.0
    assert ratio(4.0, 0.0) is None


def test_a_rate_counts_what_completed_between_two_samples():
    assert rate(Sample(at=10.0, done=100), Sample(at=12.0, done=500)) == 200.0
    with pytest.raises(ValueError, match="no time"):
        rate(Sample(at=10.0, done=1), Sample(at=10.0, done=2))


def test_ratios_compare_our_median_with_the_best_peers_median(results):
    assert results.value("queueflow", "jobs_sync") == 12000.0
    assert results.best_peer("jobs_sync") == Best("huey", 2000.0)
    assert results.ratio("jobs_sync") == 6.0
    assert results.ratio("latency_p50") == 1.5


def test_a_budget_may_look_for_the_best_peer_in_several_measures(results):
    results.add("huey", {"jobs_async": 4000.0})
    assert results.ratio("jobs_sync", "jobs_sync", "jobs_async") == 3.0


def test_verdicts_respect_limits_and_direction():
    budgets = {budget.key: budget for budget in BUDGETS}
    assert [verdict(budgets["jobs_sync"], value) for value in (3.9, 4.0, 6.0)] == [
        "missed",
        "within budget",
        "aim reached",
    ]
    assert [verdict(budgets["redis_bytes"], value) for value in (701.0, 700.0, 500.0)] == [
        "missed",
        "within budget",
        "aim reached",
    ]


def test_every_key_that_is_referred_to_is_measured():
    assert {budget.key for budget in BUDGETS} <= BY_KEY.keys()
    assert {key for budget in BUDGETS for key in budget.against} <= BY_KEY.keys()
    assert {f"mix_{name}" for name in MIXES} == {measure.key for measure in MEASURES if measure.bound}


def test_the_table_has_medians_bounds_ratios_and_gaps(results):
    lines = report.table(results, ["queueflow", "celery", "huey"]).splitlines()
    rows = {line[:24].strip(): line.split() for line in lines[1:]}
    assert rows["no-op jobs, sync handler"][-7:] == ["jobs/s", "3", "12,000", "600", "2,000", "6.00", "huey"]
    assert rows["heavy (2 s)"][-5:] == ["24.0/25.0", "–", "–", "–", "–"]
    assert "enqueue, one by one" not in rows


def test_the_table_says_of_how_many_rounds_the_figures_are(results):
    results.add("huey", {"jobs_sync": 1500.0, "enqueue_bulk": 9.0})
    lines = report.table(results, ["queueflow", "celery", "huey"]).splitlines()
    rounds = {line[:24].strip(): line[24:].split()[1] for line in lines}
    assert rounds["no-op jobs, sync handler"] == "3–4"
    assert (rounds["enqueue to start, p50"], rounds["enqueue, many at once"]) == ("3", "1")


def test_jobs_that_take_no_memory_are_an_error_and_no_result():
    assert bytes_a_job(1_000_000, 1_009_360, 20) == 468.0
    for after in (985_120, 1_000_000):
        with pytest.raises(BenchmarkError, match=f"from 1000000 to {after} bytes by 20 jobs"):
            bytes_a_job(1_000_000, after, 20)


def test_without_ours_the_table_names_the_best_and_judges_nothing(results):
    only = Results(ours="queueflow")
    only.add("celery", {"jobs_sync": 600.0})
    only.add("huey", {"jobs_sync": 2000.0})
    assert report.table(only, ["celery", "huey"]).splitlines()[1].split()[-3:] == ["600", "2,000", "huey"]
    assert report.budgets(only) == ""


def test_the_document_is_json_with_every_round(results):
    results.fail("celery", "memory", "it wrote nothing")
    about = {name: {"bulk": ""} for name in ("queueflow", "celery", "huey")}
    document = json.loads(json.dumps(report.document(results, about, {"date": "2025-01-01T00:00:00Z"})))
    assert document["subjects"]["huey"]["values"]["jobs_sync"] == {"median": 2000.0, "rounds": [2000.0, 3000.0, 1000.0]}
    assert document["ratios"]["jobs_sync"] == 6.0
    assert document["failures"] == ["celery, memory: it wrote nothing"]
    assert {budget["verdict"] for budget in document["budgets"]} <= {"missed", "within budget", "aim reached"}


@pytest.mark.parametrize(
    ("value", "text"), [(12345.6, "12,346"), (999.4, "999"), (42.26, "42.3"), (1.234, "1.23"), (0.0, "0.00")]
)
def test_numbers_have_as_many_digits_as_a_reader_needs(value, text):
    assert report.number(value) == text


@pytest.mark.parametrize("milliseconds", [0, 10, 2000])
def test_every_payload_has_the_same_size(milliseconds):
    assert len(json.dumps(payload(milliseconds), separators=(",", ":"))) == PAYLOAD_BYTES


def test_a_feed_yields_its_count_and_times_what_follows_the_first():
    feed = Feed(count=5, mix=Mix(((10, 1), (500, 1))))
    payloads = list(feed)
    feed.finish()
    assert len(payloads) == 5
    assert {each["ms"] for each in payloads} == {10, 500}
    assert feed.rate > 0


def test_each_deck_of_a_mix_holds_the_exact_shares():
    mix = Mix.parse("10:16,500:3,2000:1")
    draw = mix.draw(random.Random(1))
    deck = [next(draw) for _ in range(20)]
    assert (deck.count(10), deck.count(500), deck.count(2000)) == (16, 3, 1)
    assert mix == MIXES["mixed"]
    assert str(mix) == "10:16,500:3,2000:1"
    assert mix.mean_seconds == pytest.approx(0.183)


def test_rounds_interleave_the_subjects_and_rotate_who_is_first():
    chosen = options.parse(["--rounds", "2", "--mix-rounds", "1", "--phases", "latency,mixes"])
    steps = list(runner.plan(chosen, 3))
    assert [(phase, subject) for number, phase, subject in steps if number == 0] == [
        ("latency", 0),
        ("latency", 1),
        ("latency", 2),
        ("mixes", 0),
        ("mixes", 1),
        ("mixes", 2),
    ]
    assert [subject for number, _, subject in steps if number == 1] == [1, 2, 0]


def test_flags_override_the_quick_form():
    chosen = options.parse(["--quick", "--jobs", "300", "--batch", "100", "--subjects", "huey,rq"])
    assert (chosen.rounds, chosen.jobs, chosen.subjects) == (1, 300, ("huey", "rq"))
    assert options.parse([]).rounds == 5


def test_only_five_rounds_of_everything_are_whole():
    assert options.parse([]).is_whole
    assert options.parse(["--rounds", "7"]).is_whole
    for arguments in ("--quick", "--rounds 4", "--phases throughput,latency,memory", "--subjects queueflow,huey"):
        assert not options.parse(arguments.split()).is_whole, arguments


def test_the_whole_run_has_each_mix_once_and_the_rest_in_five_rounds():
    chosen = options.parse([])
    assert {phase: chosen.repetitions(phase) for phase in options.PHASES} == {
        "throughput": 5,
        "latency": 5,
        "mixes": 1,
        "memory": 1,
    }


@pytest.mark.parametrize("arguments", [["--subjects", "nobody"], ["--jobs", "1"], ["--large-pool", "2"]])
def test_a_run_that_makes_no_sense_is_refused(arguments):
    with pytest.raises(SystemExit):
        options.parse(arguments)


def test_progress_off_a_terminal_is_a_line_a_step():
    stream = io.StringIO()
    progress = Progress(2, stream)
    progress.step("latency of huey")
    progress.step("latency of rq")
    progress.close()
    assert stream.getvalue() == "[1/2] latency of huey\n[2/2] latency of rq\n"
