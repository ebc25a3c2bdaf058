"""What handlers may measure, and how it is gathered before it goes to the store."""

import math

import pytest

from jobs.handlers.metric import checked_metric
from jobs.store.measures import Measure, measured, series_of
from jobs.worker import measuring
from jobs.worker.measuring import Measuring


def test_a_series_is_its_name_and_sorted_labels():
    assert checked_metric("rows_total", 3, {"table": "a", "by": 7}) == ('rows_total|{"by":"7","table":"a"}', 3.0)
    assert checked_metric("depth", -1.5, {}) == ("depth|{}", -1.5)


NO_NAMES = ["", "Rows", "9rows", "rows-read", "_rows", "r" * 65, "a_count", "a_sum", "a_bucket", "a_info", 7, None]


@pytest.mark.parametrize("name", NO_NAMES)
def test_a_name_that_would_mean_something_else_is_refused(name):
    with pytest.raises(ValueError, match="a metric's name"):
        checked_metric(name, 1, {})


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 10**400, "3", True, None])
def test_a_value_that_is_no_finite_number_is_refused(value):
    with pytest.raises(ValueError, match="a finite number"):
        checked_metric("rows", value, {})


def test_what_counts_cannot_go_down():
    with pytest.raises(ValueError, match="cannot go down"):
        checked_metric("rows_total", -1, {})
    assert checked_metric("rows_total", 0, {})[1] == 0


@pytest.mark.parametrize("label", ["", "Table", "le", "quantile", "job_type", "__name__", "a-b", "l" * 33, 3])
def test_a_label_that_cannot_be_is_refused(label):
    with pytest.raises(ValueError, match="a label is"):
        checked_metric("rows", 1, {label: "x"})


def test_five_labels_are_the_most_and_their_values_are_cut():
    with pytest.raises(ValueError, match="5 are the most"):
        checked_metric("rows", 1, {f"l{number}": "" for number in range(6)})
    [found] = [measured(checked_metric("rows", 1, {"a": "é" * 100 + "\ud800"})[0].encode(), b"1")]
    assert found is not None
    assert len(found.labels["a"].encode()) <= 64


@pytest.mark.parametrize(
    ("series", "value"), [(b"rows", b"1"), (b"rows|[]", b"1"), (b"rows|{}", b"x"), (b"\xff|{}", b"1")]
)
def test_foreign_bytes_are_no_series(series, value):
    assert measured(series, value) is None


def test_counters_add_up_and_gauges_keep_the_latest():
    measures, rows, depth = Measuring(), series_of("rows_total", {}), series_of("depth", {})
    for value in (1.0, 2.0, 4.0):
        measures.add(Measure("mail", rows, value))
        measures.add(Measure("mail", depth, value))
    measures.add(Measure("report", rows, 8.0))
    found, lost = measures.take()
    assert found == [Measure("mail", rows, 7.0), Measure("mail", depth, 4.0), Measure("report", rows, 8.0)]
    assert (lost, measures.take()) == (0, ([], 0))


def test_measures_that_find_no_room_are_counted(monkeypatch):
    monkeypatch.setattr(measuring, "MOST", 2)
    measures = Measuring()
    for _ in range(5):
        measures.add(Measure("mail", "depth|{}", 1.0))
    assert measures.take() == ([Measure("mail", "depth|{}", 1.0)], 3)
