"""Many jobs without ids of their own, while a server is away: each is made once, by the store or from the outbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from jobs import QueueManager
from jobs.conf import Config
from jobs.errors import InvalidJob, StoreUnavailable
from jobs.models import OutboxEntry
from jobs.on_commit import enqueue_on_commit
from jobs.partitioning import Partitions, partition_of_id
from jobs.requests import JobSpec
from jobs.store.store import Store
from tests.outbox.conftest import Away
from tests.support.polling import wait_until
from tests.support.server import Outage, TestServer

SPECS = [JobSpec("echo", number) for number in range(60)]


@pytest.fixture
def spread(
    server: TestServer, redis_server: TestServer, config: Config, committed: None, configure: Callable[[Config], None]
) -> Iterator[Away]:
    """Give an installation of two servers; `server`, which may go away, is that of partition 1."""
    redis_server.flush()
    partitions = Partitions(2, (redis_server.url, server.url))
    told = replace(config, redis_url=None, partitions=partitions, outbox=True, accept_unknown_types=True)
    configure(told)
    made = Away(server, told)
    made.manager.enqueue_many(SPECS[:10], batch_jobs=5)  # connects to both
    yield made
    made.store.close()
    made.seen.close()


def created(away: Away) -> int:
    return sum(part.reader.totals().get("created", 0) for part in away.seen.parts)


def forwarded(away: Away) -> None:
    with away.forwarding():
        wait_until(lambda: not OutboxEntry.objects.exists())


def test_a_server_that_froze_with_the_request_in_its_hands_makes_each_job_once(away: Away) -> None:
    away.manager.enqueue("echo")
    with away.server.away("freeze"):
        result = away.manager.enqueue_many(SPECS[:5])
    assert [(index, answer.accepted) for index, answer in result.accepted] == [(n, True) for n in range(5)]
    wait_until(lambda: created(away) == 6)  # it has read what was sent to it
    forwarded(away)
    assert created(away) == 6
    assert None not in away.seen.reader.records([answer.id for _, answer in result.accepted])


@pytest.mark.parametrize("how", ["kill", "freeze"])
def test_what_the_other_servers_took_is_not_put_down(spread: Away, how: Outage) -> None:
    with spread.server.away(how):
        result = spread.manager.enqueue_many(SPECS, batch_jobs=20)
        assert [index for index, _ in result.accepted] == [*range(60)]
        ids = {
            partition: {a.id for _, a in result.accepted if partition_of_id(a.id, 2) == partition}
            for partition in (0, 1)
        }
        assert {answer.id for _, answer in result.accepted if answer.accepted} == ids[1]
        assert set(OutboxEntry.objects.values_list("job_id", flat=True)) == ids[1]
    forwarded(spread)
    assert created(spread) == 70
    assert None not in spread.seen.reader.records([*ids[0], *ids[1]])


def test_without_an_outbox_the_rest_is_refused_by_its_ids_and_a_repeat_of_it_makes_each_once(spread: Away) -> None:
    off = replace(spread.config, outbox=False)
    with closing(Store.open(off, timeout=0.4)) as store:
        manager = QueueManager(store)
        manager.enqueue_many(SPECS[:10], batch_jobs=5)
        with spread.server.away("freeze"):
            result = manager.enqueue_many(SPECS, batch_jobs=20)
        assert {partition_of_id(answer.id, 2) for _, answer in result.accepted} == {0}
        assert {refusal.code for refusal in result.refused} == {StoreUnavailable.code}
        assert {refusal.detail for refusal in result.refused} == {
            "Partition 1 of the store cannot answer now (timeout)."
        }
        assert len(result.accepted) + len(result.refused) == 60
        assert all(refusal.job_id for refusal in result.refused)  # the one batch that was sent there
        first = result.refused[0].index
        assert first in (0, 20)
        assert [refusal.index for refusal in result.refused] == [*range(first, first + 20)]
        again = [JobSpec("echo", SPECS[refusal.index].payload, job_id=refusal.job_id) for refusal in result.refused]
        assert len(QueueManager(spread.seen).enqueue_many(again).accepted) == len(again)
    assert created(spread) == 80


def test_an_id_that_contradicts_the_deduplication_key_is_refused_at_sight(spread: Away) -> None:
    bad = JobSpec("echo", job_id="mine", deduplication_key="one")
    with pytest.raises(InvalidJob):
        enqueue_on_commit(bad.type, job_id=bad.job_id, deduplication_key="one", manager=spread.manager)
    with spread.server.away("kill"):
        with pytest.raises(InvalidJob):
            spread.manager.submit(bad)
        result = spread.manager.enqueue_many([*SPECS[:3], bad, *SPECS[3:6]])
    assert [index for index, _ in result.accepted] == [0, 1, 2, 4, 5, 6]
    assert [(refusal.index, refusal.code, refusal.field) for refusal in result.refused] == [(3, "invalid", "jobId")]
    assert not OutboxEntry.objects.filter(job_id="mine").exists()
