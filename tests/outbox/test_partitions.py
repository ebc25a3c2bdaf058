"""How the outbox is emptied while one of two servers is away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from jobs import outbox
from jobs.conf import Config
from jobs.models import OutboxEntry
from jobs.outbox import unsure
from jobs.outbox.sender import WINDOW
from jobs.partitioning import Partitions, partition_of_key
from jobs.states import State
from jobs.store.producer import Marker
from jobs.types import JobRequest
from tests.outbox.conftest import Away
from tests.support.jobs import request
from tests.support.partitions import said_id
from tests.support.polling import wait_until
from tests.support.server import TestServer


def marker_in(at: int) -> Marker:
    """That of an Idempotency-Key that decides on a partition."""
    keys = (f"{number:064x}" for number in range(1000))
    return Marker(next(key for key in keys if partition_of_key(key, 2) == at), "b", 60)


@pytest.fixture(params=[0, 1])
def away(
    request: pytest.FixtureRequest,
    server: TestServer,
    redis_server: TestServer,
    config: Config,
    committed: None,
    configure: Callable[[Config], None],
) -> Iterator[Away]:
    """Give an installation of two servers whose outbox is on; `server`, which may go away, is of either partition."""
    redis_server.flush()
    urls = (server.url, redis_server.url)[:: -1 if request.param else 1]
    told = replace(config, redis_url=None, partitions=Partitions(2, urls), outbox=True, accept_unknown_types=True)
    configure(told)
    made = Away(server, told)
    yield made
    made.store.close()
    made.seen.close()


def lying(at: int, first: int, count: int) -> list[JobRequest]:
    """So many jobs of a partition."""
    return [request(said_id(at, number)) for number in range(first, first + count)]


def put_down(away: Away, jobs: list[JobRequest], marker: Marker | None = None) -> None:
    part = marker.part([job.id for job in jobs]).key if marker else ""
    answers = outbox.accept([outbox.Item(job, marker=marker, part=part) for job in jobs], away.config)
    assert all(getattr(answer, "accepted", False) for answer in answers)


def test_jobs_of_the_other_partition_are_sent(away: Away) -> None:
    gone = away.config.partitions.urls.index(away.server.url)
    there = 1 - gone
    held, late = lying(gone, 0, WINDOW.entries + 50), lying(gone, 1000, 3)
    early, behind = lying(there, 0, 3), lying(there, 1000, 60)
    bulk = lying(there, 2000, 5)
    put_down(away, [*held[:10], *early, *held[10:], *behind, *late])
    put_down(away, bulk, marker_in(there))
    with away.server.away("kill"), away.forwarding():
        wait_until(lambda: OutboxEntry.objects.count() == len(held) + len(late))
        assert away.told == [job.id for job in (*early, *behind, *bulk)]
        wait_until(lambda: OutboxEntry.objects.order_by("id")[0].tries > 1)
    assert OutboxEntry.objects.exclude(tries=0).get().job_id == held[0].id
    part = away.seen.parts[there]
    assert part.reader.sizes(part.reader.indexes(State.PENDING)) == 68
    with away.forwarding():
        wait_until(lambda: not OutboxEntry.objects.exists())
    assert away.told[68:] == [job.id for job in (*held, *late)]


def test_a_key_that_is_noted_where_the_server_is_away_holds_up_its_own_job_alone(away: Away) -> None:
    gone = away.config.partitions.urls.index(away.server.url)
    keyed, *others = lying(1 - gone, 0, 5)
    answers = outbox.accept([outbox.Item(keyed, marker=marker_in(gone))], away.config)
    assert all(getattr(answer, "accepted", False) for answer in answers)
    put_down(away, others)
    with away.server.away("kill"), away.forwarding():
        wait_until(lambda: OutboxEntry.objects.count() == 1)
    with away.forwarding():
        wait_until(lambda: not OutboxEntry.objects.exists())
    assert away.told == [*(job.id for job in others), keyed.id]


def test_those_that_may_be_there_already_are_asked_for_behind_many_of_a_partition_that_is_away(
    away: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unsure, "MOST", 3)
    gone = away.config.partitions.urls.index(away.server.url)
    held, there = lying(gone, 0, 4), lying(1 - gone, 0, 4)
    away.seen.producer.enqueue(there)
    answers = outbox.accept([outbox.Item(job, unsure=True) for job in (*held, *there)], away.config)
    assert all(getattr(answer, "accepted", False) for answer in answers)
    with away.server.away("kill"):
        unsure.settle_unsure(away.seen, "default", lambda: True)
    assert [entry.job_id for entry in OutboxEntry.objects.order_by("id")] == [job.id for job in held]
