"""One entry of the outbox that cannot be sent, in ways that look like a store that is away: the others go past it."""

from __future__ import annotations

import msgspec

from jobs import outbox
from jobs.models import OutboxEntry
from jobs.outbox.item import marker_of
from jobs.outbox.sender import Sender
from jobs.outbox.stuck import LONGEST_WAIT, MOST_UNANSWERED, Stuck
from jobs.requests import JobSpec
from jobs.store.producer import Marker
from jobs.types import Enqueued, JobRequest
from tests.outbox.conftest import Away
from tests.outbox.test_stuck import Clock
from tests.support.jobs import request
from tests.support.polling import wait_until

LARGEST = 1024 * 1024  # the least that a server lets itself be told


def put_down(away: Away, *jobs: JobRequest) -> None:
    assert all(
        getattr(answer, "accepted", False) for answer in outbox.accept(list(map(outbox.Item, jobs)), away.config)
    )


def there(away: Away, *jobs: JobRequest) -> list[bool]:
    return [record is not None for record in away.seen.reader.records([job.id for job in jobs])]


def created(away: Away) -> int:
    return away.seen.reader.totals().get("created", 0)


def test_a_job_at_which_the_connection_breaks_each_time_does_not_hold_up_the_others(away: Away) -> None:
    away.seen.client.call("CONFIG", "SET", "proto-max-bulk-len", LARGEST)
    before, large, after = request(), request(payload=b'"%s"' % (b"x" * 4 * LARGEST)), request()
    put_down(away, before, large, after)
    with away.forwarding():
        wait_until(lambda: list(OutboxEntry.objects.values_list("job_id", "refused")) == [(large.id, "")], 30)
        assert there(away, before, large, after) == [True, False, True]
        away.seen.client.call("CONFIG", "SET", "proto-max-bulk-len", 16 * LARGEST)
        wait_until(lambda: not OutboxEntry.objects.exists(), 30)
    assert there(away, large) == [True]


def test_a_store_that_is_away_keeps_the_order_however_often_it_is_tried(away: Away) -> None:
    jobs = [request() for _ in range(60)]
    put_down(away, *jobs)
    with away.forwarding():
        with away.server.away("kill"):
            wait_until(lambda: OutboxEntry.objects.filter(tries__gt=MOST_UNANSWERED + 2).exists(), 30)
        wait_until(lambda: not OutboxEntry.objects.exists(), 30)
    assert away.told == [job.id for job in jobs]


def test_a_memory_of_an_earlier_sending_that_cannot_be_read_holds_up_no_other(away: Away) -> None:
    jobs = [request() for _ in range(3)]
    put_down(away, *jobs)
    marker = marker_of(OutboxEntry.objects.get(job_id=jobs[1].id))
    key = away.seen.keys.idempotency(marker.key)
    away.seen.client.call("SET", key, msgspec.msgpack.encode((marker.body, ["?", 7])))
    with away.forwarding():
        wait_until(lambda: list(OutboxEntry.objects.values_list("job_id", "error")) == [(jobs[1].id, "wrong value")])
    assert there(away, *jobs) == [True, False, True]


def test_an_entry_that_was_stuck_is_sent_once_with_its_bulk_enqueue(away: Away) -> None:
    marker = Marker("k" * 64, "b" * 64, 3600)
    away.manager.enqueue("echo")
    with away.server.away("kill"):
        away.manager.enqueue_many([JobSpec("echo", number) for number in range(2)], marker)
    made, clock = created(away), Clock()
    stuck = Stuck(clock)
    stuck.fail(OutboxEntry.objects.order_by("id")[1].pk)
    clock.now += LONGEST_WAIT

    def prune(sent: JobRequest, answer: Enqueued) -> None:
        """It has ended, and nothing of it is kept."""
        away.seen.operator.delete([answer.id])

    Sender(away.seen, "default", prune, stuck).send(lambda: True)
    assert created(away) - made == 2
    assert not OutboxEntry.objects.exists()


def test_what_somebody_else_has_sent_is_waited_for_no_more(away: Away) -> None:
    """Else the forwarder would look at what still waits without a pause."""
    gone, stays = request(), request()
    put_down(away, gone, stays)
    clock = Clock()
    stuck = Stuck(clock)
    stuck.fail(OutboxEntry.objects.get(job_id=gone.id).pk)
    clock.now += 10
    key = OutboxEntry.objects.get(job_id=stays.id).pk
    for _ in range(6):
        stuck.fail(key)
    OutboxEntry.objects.filter(job_id=gone.id).delete()
    assert Sender(away.seen, "default", lambda sent, answer: None, stuck).send(lambda: True) > 10
