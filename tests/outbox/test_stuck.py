"""An answer of the store that nobody understands: jobs wait, nobody holds up the others, and none is thrown away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace

import pytest

from jobs import QueueManager, outbox
from jobs.conf import Config
from jobs.errors import StoreSpoilt
from jobs.models import OutboxEntry
from jobs.outbox import table
from jobs.outbox.room import Held
from jobs.outbox.sender import MOST_OF_QUEUE, Sender
from jobs.outbox.stuck import LEAST_SECONDS, LEAST_TRIES, LONGEST_WAIT, Stuck
from jobs.requests import JobSpec
from jobs.store.store import Store
from jobs.types import Priority
from tests.outbox.conftest import Away
from tests.support.jobs import request
from tests.support.parrot import Parrot
from tests.support.polling import wait_until
from tests.support.server import TestServer

UPSTREAM = b"-ERR upstream failure\r\n"  # what Envoy says when a server behind it is gone


class Clock:
    """A clock that is set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Give a clock."""
    return Clock()


def put_down(away: Away, *queues: str) -> list[str]:
    jobs = [request(queue=queue) for queue in queues]
    assert all(
        getattr(answer, "accepted", False) for answer in outbox.accept(list(map(outbox.Item, jobs)), away.config)
    )
    return [job.id for job in jobs]


def spoil(away: Away, queue: str) -> Callable[[], None]:
    key = away.seen.keys.pending(queue, Priority.NORMAL)
    away.seen.client.call("SET", key, "foreign")
    return lambda: away.seen.client.call("DEL", key)


def sent(away: Away, stuck: Stuck) -> float:
    """Go through the outbox once."""
    return Sender(away.seen, "default", lambda request, answer: None, stuck).send(lambda: True)


def there(away: Away, ids: list[str]) -> list[bool]:
    return [record is not None for record in away.seen.reader.records(ids)]


def test_the_others_go_past_a_queue_whose_key_is_spoilt_and_it_is_made_up_for(away: Away) -> None:
    mend = spoil(away, "bad")
    ids = put_down(away, *["bad"] * (MOST_OF_QUEUE + 250), *["good", "bad", "good"])
    with away.forwarding():
        wait_until(lambda: there(away, ids)[-3:] == [True, False, True])
        assert not OutboxEntry.objects.exclude(refused="").exists()
        assert OutboxEntry.objects.filter(error="wrong type").exists()
        mend()
        wait_until(lambda: not OutboxEntry.objects.exists(), 30)
    assert all(there(away, ids))


def test_one_that_fails_alone_is_refused_in_the_end_and_the_others_are_not(away: Away, clock: Clock) -> None:
    spoil(away, "bad")
    [bad, _] = put_down(away, "bad", "good")
    stuck = Stuck(clock)
    assert sent(away, stuck) == 0.0
    for _ in range(LEAST_TRIES + 8):
        assert OutboxEntry.objects.get().refused == ""
        clock.now += LONGEST_WAIT
        with suppress(StoreSpoilt):
            sent(away, stuck)
        if OutboxEntry.objects.get().refused:
            break
    entry = OutboxEntry.objects.get()
    assert entry.job_id == bad
    assert entry.refused == (
        "store_error: a key in the store does not hold its kind of data, met by the script enqueue"
    )
    assert clock.now - 1000.0 >= LEAST_SECONDS
    assert not stuck


def test_nothing_is_refused_where_the_store_takes_no_other_either(clock: Clock) -> None:
    stuck = Stuck(clock)
    stuck.take(0, 1)
    clock.now += 1
    for _ in range(30):
        stuck.fail(2)
        clock.now += LONGEST_WAIT
    assert not stuck.is_at_fault(2, 0)
    stuck.take(1, 3)  # in another partition
    assert not stuck.is_at_fault(2, 0)
    stuck.take(0, 4)
    assert stuck.is_at_fault(2, 0)


def test_an_entry_is_tried_ever_more_seldom(clock: Clock) -> None:
    stuck, waits = Stuck(clock), []
    for _ in range(9):
        stuck.fail(7)
        waits.append(stuck.wait)
        assert not stuck.is_due(7)
        clock.now += stuck.wait
        assert stuck.is_due(7)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_none_is_refused_for_which_another_would_be_dropped(
    away: Away, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "MOST_REFUSED", Held(0, 0))
    spoil(away, "bad")
    put_down(away, "bad", "good")
    stuck = Stuck(clock)
    sent(away, stuck)
    for _ in range(LEAST_TRIES + 8):
        clock.now += LONGEST_WAIT
        with pytest.raises(StoreSpoilt):
            sent(away, stuck)
    assert OutboxEntry.objects.get().refused == ""


@pytest.fixture
def parrot(
    config: Config, committed: None, configure: Callable[[Config], None]
) -> Iterator[tuple[Parrot, QueueManager]]:
    """Give what stands where the server is and says the same to everything, and an installation with an outbox."""
    with Parrot(UPSTREAM) as parrot:
        told = replace(config, redis_url=parrot.url, outbox=True, accept_unknown_types=True)
        configure(told)
        with closing(Store.open(told, timeout=0.4)) as store:
            yield parrot, QueueManager(store)


@pytest.mark.parametrize("said", [UPSTREAM, b"-FOO bar\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_a_job_is_accepted_whatever_is_said_to_it(parrot: tuple[Parrot, QueueManager], said: bytes) -> None:
    parrot[0].says = said
    manager = parrot[1]
    assert manager.enqueue("echo").accepted
    result = manager.enqueue_many([JobSpec("echo", number) for number in range(3)])
    assert [answer.accepted for _, answer in result.accepted] == [True] * 3
    assert OutboxEntry.objects.filter(refused="").count() == 4


def test_what_was_accepted_before_such_a_proxy_is_not_refused_by_it(
    parrot: tuple[Parrot, QueueManager], redis_server: TestServer, config: Config
) -> None:
    redis_server.flush()
    jobs = [request() for _ in range(5)]
    outbox.accept(list(map(outbox.Item, jobs)), parrot[1].config)
    told = replace(parrot[1].config, redis_url=parrot[0].url)
    through = Away(redis_server, told)
    with through.forwarding():
        wait_until(lambda: OutboxEntry.objects.filter(tries__gt=1).count() == 5)
        assert not OutboxEntry.objects.exclude(refused="").exists()
    through.store.close()
    through.seen.close()
    back = Away(redis_server, replace(told, redis_url=redis_server.url))
    with back.forwarding():
        wait_until(lambda: not OutboxEntry.objects.exists())
    assert all(there(back, [job.id for job in jobs]))
    back.store.close()
    back.seen.close()


def test_a_database_that_is_not_there_is_a_matter_of_configuration(away: Away, config: Config) -> None:
    wrong = replace(away.config, redis_url=away.server.url.replace("/0", "/99"))
    with closing(Store.open(wrong)) as store:
        answer = QueueManager(store).enqueue("echo")
        assert answer.accepted
        assert store.client.breaker.view().why.startswith("no_database: ")
    with Away(away.server, wrong).forwarding():
        wait_until(lambda: OutboxEntry.objects.get().tries > 0)
        assert OutboxEntry.objects.get().error == "no database"
    with away.forwarding():
        wait_until(lambda: not OutboxEntry.objects.exists())
    assert there(away, [answer.id]) == [True]
