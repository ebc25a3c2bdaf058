"""History in the store: rings that keep what they say, once each, in bounded memory."""

from __future__ import annotations

import msgspec
import pytest

from jobs.store import histogram
from jobs.store.fencing import NotLeading
from jobs.store.history import ALL, MOST_MARKS, RINGS, Cursor, Mark, Slice, Tick
from jobs.store.history_bucket import Gauges, HistoryBucket, PoolGauge, merged
from tests.support.jobs import DUTY, StoreKit

MEGABYTE = 1_000_000
FULL = histogram.packed(dict.fromkeys(range(histogram.LANES), histogram.LANE_MAX))


def plant(kit: StoreKit, seconds: int, numbers: range, bucket: HistoryBucket, queue: str = "default") -> None:
    """Append a bucket for each number, as if a leader had closed them."""
    cursor = kit.store.history.cursors().get(seconds)
    for number in numbers:
        after, mine = Cursor(number), msgspec.structs.replace(bucket, number=number)
        tick = Tick(number, seconds // 10, mine.gauges is not None)
        assert kit.store.history.append(DUTY, kit.lead(), seconds, (cursor, after), [(queue, mine)], tick)
        cursor = after


def test_three_full_rings_of_the_busiest_queue_take_about_three_megabytes(kit: StoreKit) -> None:
    gauges = Gauges(10**7, 10**7, 10**7, 10**10, 10**6, 10**7, 10**7)
    busiest = HistoryBucket(0, 2**32, 2**32, 2**32, 2**32, 2**44, FULL, FULL, gauges)
    for seconds, most in RINGS.items():
        plant(kit, seconds, range(most + 5), busiest)
    sizes = [
        kit.client.call("MEMORY", "USAGE", kit.keys.history_ring(seconds, "default"), "SAMPLES", 0) for seconds in RINGS
    ]
    is_embedded = b"valkey" in kit.client.call("INFO", "server")
    assert sum(sizes) <= (3 if is_embedded else 3.4) * MEGABYTE  # older servers take a tenth more for a list
    lengths = [kit.client.call("LLEN", kit.keys.history_ring(seconds, "default")) for seconds in RINGS]
    clocks = [kit.client.call("LLEN", kit.keys.history_clock(seconds)) for seconds in RINGS]
    assert lengths == clocks == [360, 1440, 1008]


def test_a_ring_goes_when_nothing_was_added_for_its_span(kit: StoreKit) -> None:
    plant(kit, 10, range(1), HistoryBucket(0, 1))
    plant(kit, 600, range(1), HistoryBucket(0, 1))
    hour, week = (kit.client.call("PTTL", kit.keys.history_ring(seconds, "default")) for seconds in (10, 600))
    assert 3_590_000 < hour <= 3_600_000
    assert 604_790_000 < week <= 604_800_000


def test_a_bucket_is_appended_once(kit: StoreKit) -> None:
    history, token = kit.store.history, kit.lead()
    bucket = [("default", HistoryBucket(7, 3))]
    assert history.append(DUTY, token, 10, (None, Cursor(7, "default")), bucket)
    assert not history.append(DUTY, token, 10, (None, Cursor(7, "default")), bucket)
    assert not history.append(DUTY, token, 10, (Cursor(6), Cursor(7)), bucket, Tick(7))
    assert history.cursors() == {10: Cursor(7, "default")}
    assert history.append(DUTY, token, 10, (Cursor(7, "default"), Cursor(7)), [(ALL, HistoryBucket(7, 3))], Tick(7))
    assert history.cursors() == {10: Cursor(7)}
    assert history.buckets(["default", ALL, "other"], 10, 5) == {
        "default": [HistoryBucket(7, 3)], ALL: [HistoryBucket(7, 3)], "other": [],
    }  # fmt: skip
    assert history.ticks(10, 5) == [Tick(7)]


def test_a_deposed_leader_appends_and_marks_nothing(kit: StoreKit) -> None:
    kit.lead()
    with pytest.raises(NotLeading):
        kit.store.history.append(DUTY, "leader:0", 10, (None, Cursor(1)), [("q", HistoryBucket(1, 1))], Tick(1))
    with pytest.raises(NotLeading):
        kit.store.history.mark(DUTY, "leader:0", b"v", [Mark(1, "deploy", "v")])
    assert kit.store.history.cursors() == {}
    assert kit.store.history.ticks(10, 9) == []
    assert kit.store.history.marks(0) == []


def test_the_end_of_a_coarse_timeline_comes_from_the_finer_rings(kit: StoreKit) -> None:
    seen = Gauges(normal=1)
    plant(kit, 600, range(100, 102), HistoryBucket(0, 600, gauges=seen))  # up to 61,200 s
    plant(kit, 60, range(1015, 1022), HistoryBucket(0, 60, gauges=seen))  # up to 61,320 s
    plant(kit, 10, range(6125, 6135), HistoryBucket(0, 10, gauges=seen))  # up to 61,350 s
    slices = kit.store.history.timeline("default", 600, 5, 61_351)
    assert [(each.start, each.end, each.covered, each.bucket.arrived) for each in slices] == [
        (60_000, 60_600, 600, 600), (60_600, 61_200, 600, 600),
        (61_200, 61_260, 60, 60), (61_260, 61_320, 60, 60),
        (61_320, 61_330, 10, 10), (61_330, 61_340, 10, 10), (61_340, 61_350, 10, 10),
    ]  # fmt: skip


def test_a_queue_without_a_bucket_was_idle_where_the_clock_has_one(kit: StoreKit) -> None:
    plant(kit, 10, range(5, 7), HistoryBucket(0, 1, gauges=Gauges(high=2)))
    plant(kit, 10, range(7, 8), HistoryBucket(0, 1))
    idle = [HistoryBucket(number, gauges=Gauges()) for number in (5, 6)]
    assert kit.store.history.timeline("other", 10, 9, 80) == [
        Slice(50, 60, 10, idle[0]), Slice(60, 70, 10, idle[1]), Slice(70, 80, 10, HistoryBucket(7)),
    ]  # fmt: skip


def test_foreign_bytes_are_a_gap_and_what_is_in_the_future_is_left_out(kit: StoreKit) -> None:
    plant(kit, 10, range(5, 6), HistoryBucket(0, 1))
    plant(kit, 10, range(900, 901), HistoryBucket(0, 1))
    for key in (kit.keys.history_ring(10, "default"), kit.keys.history_clock(10), kit.keys.history_marks):
        kit.client.call("RPUSH", key, b"\xc1nonsense", b"\x90", b"")
    kit.client.call("HSET", kit.keys.history_cursors, "60", "x<y", "600", "-3")
    assert [each.start for each in kit.store.history.timeline("default", 10, 9, 100)] == [50]
    assert kit.store.history.marks(0) == []
    assert kit.store.history.cursors() == {10: Cursor(900)}


def test_marks_are_kept_up_to_a_number_and_once(kit: StoreKit) -> None:
    history, token = kit.store.history, kit.lead()
    for number in range(MOST_MARKS + 3):
        history.mark(DUTY, token, f"{number}".encode(), [Mark(number, "deploy", f"v{number}")])
        history.mark(DUTY, token, f"{number}".encode(), [Mark(number, "deploy", f"v{number}")])
    marks = history.marks(0)
    assert (len(marks), marks[0], marks[-1].text) == (MOST_MARKS, Mark(3, "deploy", "v3"), f"v{MOST_MARKS + 2}")
    assert history.marks(MOST_MARKS) == marks[-3:]
    assert history.known(DUTY) == f"{MOST_MARKS + 2}".encode()


def test_merged_buckets_add_up_and_keep_the_highest_gauges() -> None:
    one = HistoryBucket(1, 1, 2, 3, 4, 50, histogram.packed({3: 1}), histogram.packed({5: 1}),
                        Gauges(9, 0, 1, 100, 2, 3, 4, {"a": PoolGauge(5, 1, 1, 0)}))  # fmt: skip
    two = HistoryBucket(2, 10, 20, 30, 40, 500, histogram.packed({3: 2}), b"",
                        Gauges(1, 7, 0, 50, 9, 0, 0, {"a": PoolGauge(None, 0, 3, 2)}))  # fmt: skip
    assert merged(6, [one, two, HistoryBucket(3)]) == HistoryBucket(
        6, 11, 22, 33, 44, 550, histogram.packed({3: 3}), histogram.packed({5: 1}),
        Gauges(9, 7, 1, 100, 9, 3, 4, {"a": PoolGauge(5, 0, 3, 2)}),
    )  # fmt: skip
    assert merged(6, [HistoryBucket(1), HistoryBucket(2)]) == HistoryBucket(6)
