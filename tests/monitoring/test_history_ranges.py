"""Ranges of charts: whole steps, at most 400 points, the newest complete what one has."""

from __future__ import annotations

import time

import pytest

from jobs.store import histogram
from jobs.store.history import ALL, RINGS, Cursor, Tick
from jobs.store.history_bucket import Gauges, HistoryBucket
from monitoring.history import RANGES, charts, points_since
from tests.engine.maintenance.history_kit import Recorder, finish
from tests.monitoring.history_fixtures import NAMES, kit, last, recorder
from tests.support.jobs import DUTY, StoreKit

__all__ = ["kit", "recorder"]


def plant(kit: StoreKit, wait: bytes = b"", processing: bytes = b"") -> int:
    """Fill all rings up to now, and return where they end (s)."""
    now = kit.reader.now_ms() // 1000
    for seconds, most in RINGS.items():
        end, cursor = now // seconds, None
        for number in range(end - most, end):
            bucket = HistoryBucket(number, seconds, seconds, 0, 0, 0, wait, processing, Gauges(normal=number % 7))
            items = [("default", bucket), (ALL, bucket)]
            after, tick = Cursor(number), Tick(number, seconds // 10, True)
            assert kit.store.history.append(DUTY, kit.lead(), seconds, (cursor, after), items, tick)
            cursor = after
    return now // 10 * 10


@pytest.mark.parametrize("name", RANGES)
def test_points_stand_at_whole_steps_and_are_at_most_400(kit: StoreKit, name: str) -> None:
    end = plant(kit)
    wanted, found = RANGES[name], charts(kit.store, NAMES, None, name)
    assert wanted.points == len(found.t) <= 400
    assert found.t == list(range(found.start, found.start + wanted.points * wanted.step, wanted.step))
    assert found.start % wanted.step == 0
    assert found.t[-1] < end <= found.t[-1] + wanted.step
    assert wanted.points * wanted.step >= {"5m": 300, "1h": 3600, "6h": 21_600, "24h": 86_400, "7d": 604_800}[name]
    assert {len(column) for series in found.series.values() for column in series.values()} == {wanted.points}
    rates = found.series["throughput"]["completed"]
    assert rates == [1.0] * wanted.points, "each point knows how long it is, the newest one too"


def test_the_newest_point_of_a_long_step_grows(kit: StoreKit, recorder: Recorder) -> None:
    recorder.begin()
    finish(kit, *[5] * 30)
    recorder.close()
    assert last(charts(kit.store, ["throughput"], None, "24h"), "throughput")["completed"] == 3.0
    recorder.close()
    recorder.close()
    assert last(charts(kit.store, ["throughput"], None, "24h"), "throughput")["completed"] == 1.0


@pytest.mark.parametrize("name", RANGES)
def test_points_since_an_instant_complete_what_one_has(kit: StoreKit, recorder: Recorder, name: str) -> None:
    recorder.begin()
    finish(kit, 5, 5)
    recorder.close()
    have = charts(kit.store, NAMES, None, name)
    for _ in range(7):
        finish(kit, 5)
        recorder.close()
    new = points_since(kit.store, NAMES, None, have.t[-1], name)
    whole = charts(kit.store, NAMES, None, name)
    keep = have.t.index(new.start)
    assert new.start == have.t[-1]
    assert (have.t[:keep] + new.t)[-len(whole.t) :] == whole.t
    for kind, series in whole.series.items():
        for label, column in series.items():
            assert (have.series[kind][label][:keep] + new.series[kind][label])[-len(column) :] == column
    assert points_since(kit.store, NAMES, None, whole.t[-1] + whole.step, name).t == []


def test_a_week_of_the_busiest_queue_is_read_at_once(kit: StoreKit) -> None:
    busy = histogram.packed(dict.fromkeys(range(10, 90), 40_000))
    plant(kit, busy, busy)
    took = []
    for _ in range(3):  # once may meet the garbage collector
        started = time.thread_time()
        found = charts(kit.store, NAMES, "default", "7d")
        took.append(time.thread_time() - started)
    assert min(took) < 0.2  # 15 ms on an idle machine
    assert len(found.t) == 336
    assert None not in found.series["wait"]["p99"]
