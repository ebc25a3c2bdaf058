"""The glance of live views: the figures of everything, in three round trips."""

import pytest

from jobs.errors import StoreError
from jobs.store import glance
from jobs.store.pace import BUCKET_MS
from jobs.types import Failure, Priority
from tests.support.jobs import completed, discarded, failed, parked, released, snoozed

QUEUES = 20


def commands(kit):
    stats = kit.client.call("INFO", "commandstats").decode()
    calls = (line.partition("calls=")[2].partition(",")[0] for line in stats.splitlines() if "calls=" in line)
    return sum(map(int, calls))


def test_it_sees_what_the_reader_sees(kit):
    worker = kit.worker()
    for name in ("mail", "reports"):
        kit.enqueue_many(5, queue=name)
        kit.enqueue(queue=name, delay_ms=60_000)
        first, second = kit.claim(worker, 2, queue=name)
        worker.complete([completed(first)])
        worker.fail([failed(second, Failure("ValueError", "boom", "", "f" * 16), final=True)])
    kit.operator.pause("mail")
    kit.type_pauses.pause("echo")
    held = kit.enqueue(queue="reports")
    figures = kit.store.glance.figures(newest=3)
    assert figures.states == kit.reader.state_counts()
    assert figures.totals == kit.reader.totals()
    assert figures.paused == {"mail"}
    assert next(row.id for row in figures.rows) == held
    assert len(figures.rows) == 3
    assert all(row.record is not None for row in figures.rows)
    queues = {view.name: view for view in figures.queues}
    assert queues.keys() == {"default", "mail", "reports"}
    for name, waiting, held in (("mail", 3, 0), ("reports", 3, 1)):
        view = queues[name]
        assert view.depth == {"high": 0, "normal": waiting, "low": 0}
        assert view.counts == {"scheduled": 1, "retrying": 0, "active": 0, "dead": 1, "held": held}
        assert (view.paused, 0 <= view.oldest_ms < 60_000) == (name == "mail", True)


def go_to_a_new_bucket(kit):
    kit.advance(BUCKET_MS - kit.reader.now_ms() % BUCKET_MS)


def test_rates_are_those_of_whole_buckets(kit):
    go_to_a_new_bucket(kit)
    kit.enqueue()
    kit.advance(10_000)
    kit.enqueue_many(30)
    [view] = kit.store.glance.figures().queues
    assert not view.rated
    kit.advance(10_000)
    assert kit.store.glance.figures().rate("in") == 31 / 60
    [view] = kit.store.glance.figures().queues
    assert (view.in_per_second, view.rated) == (3.0, True)


def test_what_happens_now_is_there_at_once_and_what_was_put_off_is_no_failure(kit):
    kit.enqueue_many(9, queue="mail")
    worker = kit.worker()
    claims = kit.claim(worker, 9, queue="mail")
    worker.complete([completed(claim) for claim in claims[:2]])
    worker.fail([failed(claim) for claim in claims[2:4]] + [failed(claims[4], final=True)])
    worker.snooze([snoozed(claims[5])])
    worker.release([released(claims[6], started=True)])
    worker.park([parked(claims[7])])
    worker.discard([discarded(claims[8])])
    figures = kit.store.glance.figures()
    assert [figures.lately("mail", what) for what in ("in", "completed", "failed")] == [9, 2, 3]


def test_it_reads_a_bucket_that_is_over_once(kit):
    for number in range(QUEUES):
        kit.enqueue(queue=f"queue-{number}")
    go_to_a_new_bucket(kit)
    kit.store.glance.figures(newest=50)
    before = commands(kit)
    kit.store.glance.figures(newest=50)
    # 12 of all, a script, by it 3 a queue (with the default one) and one a line with jobs, the running bucket, the
    # records; a bucket more where ten seconds have just passed.
    expected = 12 + 1 + 3 * (QUEUES + 1) + QUEUES + 1 + 1
    assert commands(kit) - before - 1 in (expected, expected + 1)


def test_a_record_that_cannot_be_read_is_a_row(kit):
    kit.enqueue("bad")
    kit.client.call("HSET", kit.keys.metadata, "bad", b"\xc1nonsense")
    figures = kit.store.glance.figures(newest=1)
    assert [(row.id, row.record) for row in figures.rows] == [("bad", None)]
    assert figures.queues[0].oldest_ms == 0


def test_many_queues_take_more_scripts_which_are_sent_again(kit, monkeypatch):
    monkeypatch.setattr(glance, "LINES_A_SCRIPT", 6)
    for number in range(5):
        kit.enqueue_many(number, queue=f"queue-{number}", priority=Priority.HIGH)
    kit.client.call("SCRIPT", "FLUSH")
    depths = {view.name: view.depth["high"] for view in kit.store.glance.figures().queues}
    assert depths == {"default": 0, "queue-1": 1, "queue-2": 2, "queue-3": 3, "queue-4": 4}


def test_a_line_that_is_none_is_told(kit):
    kit.enqueue()
    spoilt = kit.keys.pending("default", Priority.NORMAL)
    kit.client.call("DEL", spoilt)
    kit.client.call("SET", spoilt, "x")
    with pytest.raises(StoreError):
        kit.store.glance.figures()
