"""A row for each queue: who serves it, in which order, and why its jobs wait by figures of the last half minute."""

import msgspec
import pytest

from jobs.store.glance import Figures
from jobs.store.history_bucket import HistoryBucket
from jobs.store.queue_view import QueueView
from jobs.store.registry import Seen, WorkerInfo
from monitoring.queue_row import queue_rows
from monitoring.usual import usual_ms


def view(name, *, depth=0, oldest_ms=0, out=0.0, **counts):
    zero = {"scheduled": 0, "retrying": 0, "active": 0, "dead": 0, "held": 0}
    depths = {"high": 0, "normal": depth, "low": 0}
    return QueueView(
        name=name, depth=depths, counts=zero | counts, paused=False, oldest_ms=oldest_ms, out_per_second=out
    )


def seen(name, *queues, alive=True, busy=0, pool="default"):
    info = WorkerInfo(
        id=name, incarnation="0" * 16, pool=pool, host="h", pid=1, queues=queues, types=(), concurrency=5, busy=busy
    )
    return Seen(info, 0, alive)


def rows(views, workers, *, recent=(), running=None, most=10, usual=None):
    known = {} if most is None else {"default": most}
    figures = Figures(0, {}, {}, frozenset(), list(recent), list(views), [], running or {})
    return {row.queue.name: row for row in queue_rows(figures, workers, known, usual or {})}


def test_trouble_comes_first_then_the_longest_wait_then_the_most_jobs():
    views = [
        view("idle"),
        view("many", active=3),
        view("old", depth=1, oldest_ms=90_000),
        view("lost", depth=1, oldest_ms=10_000),
    ]
    assert list(rows(views, [seen("a", "idle", "many", "old")])) == ["lost", "old", "many", "idle"]


def test_a_cause_comes_before_a_longer_wait_without_one():
    views = [view("old", depth=1, oldest_ms=4_999), view("held", held=3), view("failing")]
    workers = [seen("a", "old", "held", "failing")]
    assert list(rows(views, workers, running={"failing|failed": 10})) == ["failing", "held", "old"]


def test_only_live_workers_count_with_their_slots():
    found = rows([view("mail")], [seen("a", "mail"), seen("b", "mail", "etl"), seen("c", "mail", alive=False)])
    assert (found["mail"].workers, found["mail"].slots) == (2, 10)


def test_failures_of_the_last_minute_and_since_make_a_dependency():
    recent = [{"mail|failed": 1}, {"etl|failed": 99}, {}, {}, {}, {"mail|failed": 28, "mail|completed": 10}]
    found = rows([view("mail")], [seen("a", "mail")], recent=recent, running={"mail|failed": 1})
    assert found["mail"].cause.why.startswith("75 % of executions fail")
    assert rows([view("mail")], [], running={"mail|failed": 10})["mail"].cause.failing == 100


def test_jobs_that_take_twice_as_long_as_usual_are_slow():
    recent = [{"mail|completed": 10, "mail|ms": 20_000}]
    busy = [seen("a", "mail", busy=5)]
    waiting = [view("mail", depth=9, oldest_ms=9000, out=10 / 30)]
    assert rows(waiting, busy, recent=recent, usual={"mail": 1000.0})["mail"].cause.word == "slow"
    assert rows(waiting, busy, recent=recent, usual={"mail": 1001.0})["mail"].cause.word == "load"


@pytest.mark.parametrize(("most", "word"), [(2, "limit"), (3, "load"), (None, "load")])
def test_a_pool_that_may_not_grow_is_the_limit(most, word):
    workers = [seen("a", "mail", busy=5), seen("b", "mail", busy=5)]
    assert rows([view("mail", depth=9, oldest_ms=9000)], workers, most=most)["mail"].cause.word == word


def test_a_queue_of_two_pools_is_at_its_limit_when_neither_may_grow():
    workers = [seen("a", "mail", busy=5), seen("b", "mail", busy=5, pool="other")]
    waiting = [view("mail", depth=9, oldest_ms=9000)]
    assert rows(waiting, workers, most=1)["mail"].cause.why.endswith("whether the pool may grow is not known")
    assert rows(waiting, workers, most=2)["mail"].cause.why.endswith("/s come in, 0/s go out")


def test_what_is_usual_is_the_mean_of_what_was_recorded(kit):
    for completed, busy_ms in ((15, 15_000), (5, 15_000)):
        bucket = HistoryBucket(1, completed=completed, busy_ms=busy_ms)
        kit.client.call("RPUSH", kit.keys.history_ring(600, "mail"), msgspec.msgpack.encode(bucket))
    few = HistoryBucket(1, completed=19, busy_ms=1)
    kit.client.call("RPUSH", kit.keys.history_ring(600, "etl"), msgspec.msgpack.encode(few))
    assert usual_ms(kit.store, ["mail", "etl", "none"]) == {"mail": 1500.0}
