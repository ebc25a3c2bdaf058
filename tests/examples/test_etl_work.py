"""The pipeline from a shipped trace into SQLite."""

import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from examples.work import etl
from examples.work.traces import TRACES

ALL = ("clean", "aggregate", "denormalize")


def query(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def test_the_taxi_trace_is_loaded_by_the_hour(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.sqlite3"
    result = etl.run_etl("job-1", "nyc_taxi", warehouse, ALL)
    assert result["recordsProcessed"] == 1680
    assert result["recordsLoaded"] == 840
    assert query(warehouse, "SELECT COUNT(*), MIN(samples), MAX(width_seconds) FROM demand") == [(840, 2, 3600)]
    assert query(warehouse, "SELECT job_id, extracted, loaded FROM etl_runs") == [("job-1", 1680, 840)]


def test_no_arrival_gets_lost_in_aggregation(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.sqlite3"
    etl.run_etl("job-1", "autothrottle_bursty", warehouse, ALL)
    expected = sum(rate for _, rate in etl.extract(TRACES["autothrottle_bursty"]))
    [(arrivals, share)] = query(warehouse, "SELECT SUM(arrivals), SUM(share) FROM demand")
    assert arrivals == pytest.approx(expected)
    assert share == pytest.approx(1.0)


def test_a_second_run_leaves_the_same_rows(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.sqlite3"
    etl.run_etl("job-1", "nyc_taxi", warehouse, ALL)
    first = query(warehouse, "SELECT * FROM demand ORDER BY start_seconds")
    etl.run_etl("job-1", "nyc_taxi", warehouse, ALL)
    assert query(warehouse, "SELECT * FROM demand ORDER BY start_seconds") == first
    assert query(warehouse, "SELECT COUNT(*) FROM etl_runs") == [(1,)]


def test_two_sources_share_a_warehouse(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.sqlite3"
    etl.run_etl("job-1", "nyc_taxi", warehouse, ALL)
    etl.run_etl("job-2", "autothrottle_bursty", warehouse, ALL)
    counts = query(warehouse, "SELECT source, COUNT(*) FROM demand GROUP BY source ORDER BY source")
    assert counts == [("autothrottle_bursty", 60), ("nyc_taxi", 840)]


def test_a_failed_load_changes_nothing(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.sqlite3"
    etl.run_etl("job-1", "nyc_taxi", warehouse, ALL)

    def interrupt(percent: float, message: str) -> None:
        if message.startswith("loaded 400"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        etl.run_etl("job-2", "nyc_taxi", warehouse, (), progress=interrupt)
    assert query(warehouse, "SELECT COUNT(*), MIN(width_seconds) FROM demand") == [(840, 3600)]
    assert query(warehouse, "SELECT job_id FROM etl_runs") == [("job-1",)]


def test_only_the_window_is_read(tmp_path: Path) -> None:
    result = etl.run_etl("job-1", "nyc_taxi", tmp_path / "w.sqlite3", (), (86_400, 2 * 86_400))
    assert result["recordsProcessed"] == result["recordsLoaded"] == 48


def test_an_empty_window_is_an_empty_result(tmp_path: Path) -> None:
    result = etl.run_etl("job-1", "nyc_taxi", tmp_path / "w.sqlite3", ALL, (10**9, None))
    assert (result["recordsProcessed"], result["recordsLoaded"], result["peakAt"]) == (0, 0, None)


def test_cleaning_drops_repeats_and_what_is_no_rate() -> None:
    rows = [(3.0, 1.0), (1.0, float("nan")), (2.0, -1.0), (0.0, 4.0), (3.0, 2.0), (float("inf"), 1.0)]
    assert etl.clean(rows) == [(0.0, 4.0), (3.0, 2.0)]


def test_buckets_keep_the_peak_beside_the_mean() -> None:
    [bucket] = etl.to_buckets([(0.0, 1.0), (1.0, 3.0)], step_seconds=1, width_seconds=60)
    assert (bucket.mean_rate, bucket.peak_rate, bucket.arrivals, bucket.samples) == (2.0, 3.0, 4.0, 2)


def test_labels_name_the_day_where_the_start_is_known(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.sqlite3"
    etl.run_etl("job-1", "nyc_taxi", warehouse, ALL)
    assert query(warehouse, "SELECT label FROM demand WHERE start_seconds = 115200") == [("Tue 08:00",)]


def test_progress_rises_to_one_hundred(tmp_path: Path) -> None:
    seen: list[float] = []
    etl.run_etl("job-1", "nyc_taxi", tmp_path / "w.sqlite3", (), progress=lambda percent, _: seen.append(percent))
    assert len(seen) > 5
    assert all(before <= after for before, after in pairwise(seen))
    assert seen[-1] == 100


def test_an_unknown_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        etl.run_etl("job-1", "nowhere", tmp_path / "w.sqlite3", ALL)
