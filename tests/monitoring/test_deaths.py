"""Groups of which many died in the last five minutes, as long as they are dead and nobody has dealt with them."""

import msgspec

from jobs.store.history import ALL
from jobs.store.history_bucket import HistoryBucket
from jobs.store.registry import WorkerInfo
from jobs.store.triage import Verdict
from jobs.types import Failure
from monitoring import deaths
from monitoring.deaths import WINDOW_MS, deaths_of
from monitoring.look import look_at
from tests.support.jobs import failed


def die(kit, count, letter, error="PaymentDeclined"):
    """Let jobs die of one error and return their ids."""
    worker = kit.worker()
    ids = kit.enqueue_many(count)
    failure = Failure(error, "card expired", "", letter * 16)
    worker.fail([failed(claim, failure, final=True) for claim in kit.claim(worker, count)])
    return ids


def told(kit):
    deaths._known.pop(kit.store, None)
    return [(each.fingerprint[0], each.count, each.error) for each in deaths_of(kit.store, kit.reader.now_ms())]


def test_groups_that_grew_much_are_told_the_most_deaths_first(kit):
    die(kit, 50, "a")
    die(kit, 49, "b")
    die(kit, 60, "c", "jobs.errors.Gone")
    assert told(kit) == [("c", 60, "jobs.errors.Gone"), ("a", 50, "PaymentDeclined")]
    kit.advance(WINDOW_MS + 1000)
    assert told(kit) == []
    die(kit, 50, "b")
    assert told(kit) == [("b", 50, "PaymentDeclined")]


def test_what_was_retried_deleted_or_resolved_is_no_trouble_any_more(kit):
    ids = die(kit, 51, "a")
    die(kit, 50, "b")
    kit.operator.retry(ids[:1])
    assert told(kit) == [("a", 50, "PaymentDeclined"), ("b", 50, "PaymentDeclined")]
    kit.operator.delete(ids[1:2])
    kit.store.triage.note("b" * 16, Verdict.RESOLVED)
    assert told(kit) == []
    kit.advance(1000)
    die(kit, 1, "b")
    assert told(kit) == [("b", 51, "PaymentDeclined")]


def test_where_very_much_completes_more_have_to_die(kit):
    die(kit, 50, "a")
    number = kit.reader.now_ms() // 10_000 - 1
    ring = kit.keys.history_ring(10, ALL)
    kit.client.call("RPUSH", ring, msgspec.msgpack.encode(HistoryBucket(number - 40, completed=90_000)))
    kit.client.call("RPUSH", ring, msgspec.msgpack.encode(HistoryBucket(number, completed=4950)))
    assert told(kit) == [("a", 50, "PaymentDeclined")]
    kit.client.call("RPUSH", ring, msgspec.msgpack.encode(HistoryBucket(number, completed=51)))
    assert told(kit) == []


def test_it_is_read_every_two_seconds_only(kit):
    assert deaths_of(kit.store, kit.reader.now_ms()) == []
    die(kit, 50, "a")
    assert deaths_of(kit.store, kit.reader.now_ms()) == []


def test_the_headline_tells_of_them_when_nothing_runs_any_more(kit):
    die(kit, 50, "a")
    deaths._known.pop(kit.store, None)
    kit.advance(70_000)  # so that no rate knows of it
    kit.store.registry.heartbeat(
        WorkerInfo(
            id="w", incarnation="0" * 16, pool="default", host="h", pid=1, queues=("default",), types=(), concurrency=4
        )
    )
    headline = look_at(kit.store).headline
    assert headline.health == "degraded"
    assert "50 jobs died in the last 5 minutes: PaymentDeclined" in headline.sentence
    assert "fail" not in headline.sentence
