"""What a file may hold that is no trace, or nearly one."""

import pytest

from scaling.simulator.trace import Trace, TraceError, from_requests, from_rows, parse
from scaling.simulator.workload import workload

HEAD = "seconds,arrivals_per_second\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD, "t has 0 rows that can be used; at least two are needed"),
        (HEAD + "0,1\n", "t has 1 row that can be used; at least two are needed"),
        (HEAD + "0,nan\n1,-2\n2,x\n3,1\n4,1\n", "t has 2 rows that can be used and 3 rows that cannot"),
        (HEAD + "0,1\n1,1\n1e9,1\n", "t has 3 rows for 1,000,000,001 buckets of 1 s"),
        (HEAD + "-1e308,1\n1e308,1\n", "t has 2 rows for nan buckets"),
        ("", "t has 0 rows that can be used"),
        ("at\n1\n1e18\n", "t has 2 rows for 100,000,000,000,000,000 buckets of 10 s"),
    ],
)
def test_what_is_no_trace_is_refused_in_a_sentence(text, words):
    with pytest.raises(TraceError) as caught:
        parse("t", text.splitlines())
    assert words in str(caught.value)


def test_what_was_mended_is_said():
    rows = [("30", "4"), ("0", "1"), ("10", "nan"), ("x", "1"), ("20", "3"), ("60", "7")]
    trace = from_rows("odd", rows)
    assert (trace.rates, trace.note) == (
        [1, 2, 3, 4, 5, 6, 7],
        "odd: 2 rows left out that cannot be true and 3 missing buckets filled on straight lines.",
    )
    assert from_rows("fine", [("0", "1"), ("10", "1")]).note == ""
    assert from_requests("r", ["12", "3", "nan"], 5.0).note == "r: 1 row left out that cannot be true."


def test_a_load_too_large_to_be_simulated_is_refused_before_it_is_made():
    with pytest.raises(ValueError, match="at most 20,000,000 are simulated"):
        workload(Trace("huge", 60.0, [1e300, 1.0]))
    with pytest.raises(TraceError, match="no arrivals at all"):
        Trace("still", 60.0, [0.0, 0.0]).with_peak(50.0)
    assert Trace("tiny", 60.0, [5e-324, 0.0]).with_peak(50.0).rates == [50.0, 0.0]


def test_a_part_lies_within_the_trace():
    trace = Trace("t", 60.0, [1.0, 2.0, 3.0])
    assert trace.between(60.0, 120.0).rates == [2.0]
    for start, end in ((-60.0, 60.0), (180.0, 240.0)):
        with pytest.raises(TraceError, match="has nothing between"):
            trace.between(start, end)
