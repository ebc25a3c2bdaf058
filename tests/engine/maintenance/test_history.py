"""The keeper of history: each ten seconds are closed once, with what was there, and rolled up."""

from __future__ import annotations

import msgspec
import pytest

from jobs.maintenance import crew
from jobs.maintenance.history import KEPT, NAME
from jobs.store.fencing import NotLeading
from jobs.store.history import ALL, RINGS, Cursor, Tick
from jobs.store.history_bucket import Gauges, PoolGauge
from jobs.store.registry import WorkerInfo
from jobs.types import Priority
from tests.support.breaking import Losing
from tests.support.jobs import StoreKit, failed

from .conftest import depose
from .history_kit import Recorder, finish

BEAT = WorkerInfo(
    id="w", incarnation="i", pool="default", host="h", pid=1, queues=("default",), types=("echo",), concurrency=1
)


@pytest.fixture
def recorder(kit: StoreKit) -> Recorder:
    """Return the keeper of the kit's history, in office."""
    return Recorder(kit)


def test_it_is_one_of_the_duties_that_need_a_leader() -> None:
    assert NAME in crew.DUTIES


def test_a_bucket_has_what_the_transitions_counted(kit: StoreKit, recorder: Recorder) -> None:
    start = recorder.begin()
    finish(kit, 5, 100, 100, 3000)
    finish(kit, 7, queue="mail")
    claim = kit.claimed(queue="mail")
    kit.worker().fail([failed(claim, final=True)])
    assert recorder.close() == 1
    [mail], [default], [total] = (recorder.line(queue=queue) for queue in ("mail", "default", ALL))
    assert (default.start, default.end, default.covered) == (start, start + 10, 10)
    found = [each.bucket for each in (default, mail, total)]
    assert [(each.arrived, each.completed, each.failed, each.dead, each.busy_ms) for each in found] == [
        (4, 4, 0, 0, 3205), (2, 1, 1, 1, 7), (6, 5, 1, 1, 3212),
    ]  # fmt: skip


def test_a_bucket_has_what_is_there_at_its_end(kit: StoreKit, recorder: Recorder) -> None:
    recorder.begin()
    kit.enqueue_many(3, priority=Priority.HIGH)
    kit.enqueue_many(2, queue="mail", priority=Priority.LOW)
    kit.enqueue(queue="mail", delay_ms=3_600_000)
    kit.claimed(queue="other")
    kit.store.registry.heartbeat(BEAT)
    kit.store.registry.heartbeat(msgspec.structs.replace(BEAT, id="v", status="busy"))
    kit.store.registry.heartbeat(msgspec.structs.replace(BEAT, id="u", pool="gpu", status="draining"))
    kit.store.registry.set_desired("default", 4)
    kit.store.registry.set_desired("empty", 0)
    recorder.close()
    found = {queue: recorder.line(queue=queue)[0].bucket.gauges for queue in ("default", "mail", "other", ALL)}
    ages = {queue: gauges.oldest_ms for queue, gauges in found.items() if gauges}
    assert 10_900 <= ages["mail"] <= ages["default"] <= ages[ALL] + 1000 < 22_000
    assert ages["other"] == 0
    assert {queue: gauges and msgspec.structs.replace(gauges, oldest_ms=0) for queue, gauges in found.items()} == {
        "default": Gauges(high=3),
        "mail": Gauges(low=2, scheduled=1),
        "other": Gauges(active=1),
        ALL: Gauges(3, 0, 2, 0, 1, 1, 0, {
            "default": PoolGauge(4, 1, 1, 0), "empty": PoolGauge(0), "gpu": PoolGauge(None, 0, 0, 1),
        }),
    }  # fmt: skip


def test_nothing_is_written_before_ten_seconds_are_over_nor_twice(kit: StoreKit, recorder: Recorder) -> None:
    recorder.begin()
    assert recorder.close() == 1
    kit.enqueue()
    recorder.next_bucket()
    assert recorder.run() == 0, "the slack is not over"
    kit.advance(1000)
    assert recorder.run() == 1
    assert recorder.run() == 0
    assert [each.bucket.arrived for each in recorder.line()] == [0, 1]


def test_it_says_when_the_next_ten_seconds_will_be_over(kit: StoreKit, recorder: Recorder) -> None:
    recorder.begin()
    recorder.close()
    again = recorder.duty.run_once().again
    assert again is not None
    assert 0 < again <= 10


def test_idle_queues_take_no_room(kit: StoreKit, recorder: Recorder) -> None:
    recorder.begin()
    finish(kit, 1, queue="mail")
    for _ in range(3):
        recorder.close()
    assert kit.client.call("LLEN", kit.keys.history_ring(10, "mail")) == 1
    assert kit.client.call("EXISTS", kit.keys.history_ring(10, "default")) == 0
    assert len(kit.store.history.ticks(10, 9)) == 3


def test_counters_go_soon_once_they_are_in_the_history(kit: StoreKit, recorder: Recorder) -> None:
    number = recorder.begin() // 10
    finish(kit, 1)
    counters = f"{kit.keys.series}{number}"
    assert kit.client.call("PTTL", counters) > 7_000_000
    recorder.close()
    assert 500_000 < kit.client.call("PTTL", counters) <= 600_000
    finish(kit, 1)
    assert kit.client.call("PTTL", f"{kit.keys.series}{number + 1}") > 7_000_000


def test_buckets_are_rolled_up_to_minutes_and_ten_minutes(kit: StoreKit, recorder: Recorder) -> None:
    start = recorder.begin()
    for _ in range(60):
        finish(kit, 100, 200)
        recorder.close()
    assert {seconds: cursor.number for seconds, cursor in kit.store.history.cursors().items()} == {
        seconds: start // seconds + 600 // seconds - 1 for seconds in RINGS
    }
    minutes = kit.store.history.buckets(["default"], 60, 99)["default"]
    assert [(each.number, each.arrived, each.completed, each.busy_ms) for each in minutes] == [
        (start // 60 + number, 12, 12, 6 * 300) for number in range(10)
    ]
    [whole] = kit.store.history.buckets([ALL], 600, 9)[ALL]
    assert (whole.number, whole.completed, whole.busy_ms) == (start // 600, 120, 60 * 300)
    assert kit.store.history.ticks(600, 9) == [Tick(start // 600, 60, True)]


def test_a_new_leader_goes_on_where_the_old_one_stopped(kit: StoreKit, recorder: Recorder) -> None:
    recorder.begin()
    finish(kit, 1)
    recorder.close()
    finish(kit, 1, 2)
    depose(kit, NAME)
    successor = Recorder(kit, "successor")
    with pytest.raises(NotLeading):
        recorder.close()
    assert successor.run() == 1
    assert [each.bucket.completed for each in successor.line()] == [1, 2]


def test_a_leader_that_dies_between_two_batches_is_followed_without_counting_twice(
    kit: StoreKit, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.maintenance.history.BATCH", 2)
    queues = [f"q{number}" for number in range(5)]
    recorder.begin()
    for queue in queues:
        finish(kit, 1, queue=queue)
    losing = Losing(kit.client)
    kit.store.history._client = losing  # type: ignore[assignment]
    losing.lose("history_append")
    with pytest.raises(Exception, match="lost"):
        recorder.close()
    assert kit.store.history.cursors()[10].part == "q1"
    assert recorder.line() == [], "a bucket is there when all its queues are"
    depose(kit, NAME)
    successor = Recorder(kit, "successor")
    assert successor.run() == 1
    assert [[each.bucket.completed for each in successor.line(queue=queue)] for queue in queues] == [[1]] * 5
    assert [each.bucket.completed for each in successor.line()] == [5]
    assert [kit.client.call("LLEN", kit.keys.history_ring(10, queue)) for queue in queues] == [1] * 5


def test_an_outage_leaves_a_gap_in_gauges_and_none_in_counters(kit: StoreKit, recorder: Recorder) -> None:
    start = recorder.begin()
    kit.enqueue()
    recorder.close()
    for _ in range(11):
        recorder.next_bucket()
        finish(kit, 50)
    assert recorder.close() == 12 + 2  # and two minutes
    line = recorder.line()
    assert [each.start for each in line] == [start + 10 * number for number in range(13)]
    assert [each.bucket.completed for each in line] == [0, 0] + [1] * 11
    assert [each.bucket.gauges is not None for each in line] == [True] + [False] * 11 + [True]
    assert [tick.covered for tick in kit.store.history.ticks(60, 9)] == [6, 6]


def test_what_is_older_than_the_counters_is_a_gap(kit: StoreKit, recorder: Recorder) -> None:
    start = recorder.begin()
    finish(kit, 1)
    recorder.close()
    kit.advance(10 * 3_600_000)
    recorder.next_bucket()
    kit.advance(1000)
    recorder.run()
    starts = [each.start for each in recorder.line(60)]
    newest = kit.reader.now_ms() // 10_000 - 1
    oldest = (newest - KEPT) * 10
    assert starts[:2] == [start, oldest // 60 * 60]
    minutes = kit.store.history.ticks(60, 2000)
    assert minutes[0] == Tick(start // 60, 1, True)
    assert {minute.covered for minute in minutes[2:]} == {6}, "rolled up before the finer ring forgot them"
    assert len(minutes) > RINGS[10] // 6 + 40
    assert kit.store.history.cursors()[10] == Cursor(newest)


def test_it_begins_with_the_oldest_counters_there_are(kit: StoreKit) -> None:
    recorder = Recorder(kit)
    recorder.begin()
    finish(kit, 1)
    kit.advance(50_000)
    assert recorder.close() == 6 + 1  # and the minute
    assert [each.bucket.completed for each in recorder.line()] == [1, 0, 0, 0, 0, 0]


def test_a_clock_that_went_far_back_does_not_stop_it(kit: StoreKit, recorder: Recorder) -> None:
    recorder.begin()
    recorder.close()
    kit.advance(-2 * 86_400_000)
    finish(kit, 1)
    assert recorder.close() == 1
    assert [each.bucket.completed for each in recorder.line()] == [1]
    for _ in range(60):
        recorder.close()
    assert [tick.covered for tick in kit.store.history.ticks(60, 3)] == [6, 6, 6]
