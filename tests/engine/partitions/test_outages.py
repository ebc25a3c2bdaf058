"""One of two servers is away: the jobs of the other one go on, and its own when it is back."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from time import monotonic

import pytest

from jobs.states import State
from tests.engine.partitions.ground import Ground
from tests.engine.pools import Pool
from tests.support.server import Outage

WITHIN: float = 2.0  # seconds for jobs of the server that is there; the machine is shared


@pytest.fixture(scope="module")
def pool(two_servers: Ground) -> Iterator[Pool]:
    """Give a pool of two workers for both partitions, as the tests before have left it."""
    with two_servers.pool("--min", "2", "--max", "2", UNKNOWN_TYPE_GRACE="1") as pool:
        yield pool.await_ready(2)


@pytest.mark.parametrize("how", ["kill", "freeze"])
@pytest.mark.parametrize("partition", [0, 1])
def test_the_other_partition_goes_on(two_servers: Ground, pool: Pool, partition: int, how: Outage) -> None:
    ground, other = two_servers, 1 - partition
    workers = {process.pid for process in pool.descendants()}
    held = ground.enqueue_many(partition, 30, "sleep", {"seconds": 0.4})
    ground.reaches(held[:2], State.ACTIVE, State.COMPLETED)
    with ground.servers[partition].away(how):
        unknown = ground.enqueue(other, "nobody-knows", max_retries=0)
        ground.reaches([unknown], State.SCHEDULED, State.DEAD, seconds=WITHIN)
        for _ in range(5):
            ground.completes(ground.enqueue_many(other, 20, "noop"), seconds=WITHIN)
        late = ground.enqueue(other, "noop", delay_ms=200)
        again = ground.enqueue(other, "raises", "Retry")
        ground.completes([late, again], seconds=WITHIN)
    ground.completes(held, seconds=20)
    ground.completes(ground.enqueue_many(partition, 20, "noop"), seconds=10)
    ground.reaches([unknown], State.DEAD)
    assert {process.pid for process in pool.descendants()} == workers
    assert ground.findings() == []


def test_what_a_worker_lost_is_settled_where_its_server_is_there(two_servers: Ground, pool: Pool) -> None:
    ground = two_servers
    ids = [ground.enqueue_many(at, 4, "sleep", {"seconds": 2}) for at in (0, 1)]
    for some in ids:
        ground.reaches(some, State.ACTIVE)
    victims = [seen.info.pid for seen in ground.store.registry.workers() if seen.alive]
    with ground.servers[0].away("kill"):
        for process in pool.descendants():
            if process.pid in victims:
                process.send_signal(signal.SIGKILL)
        ground.completes(ids[1], seconds=10)
    ground.completes(ids[0], seconds=20)
    assert {record.executions - record.releases for some in ids for record in ground.records(some)} <= {1, 2}
    assert ground.findings() == []


def test_a_pool_that_drains_does_not_wait_for_a_server_that_is_away(two_servers: Ground) -> None:
    ground = two_servers
    with ground.pool("--min", "1", "--max", "1") as pool:
        pool.await_ready(1)
        running = ground.enqueue(1, "sleep", {"seconds": 1})
        ground.reaches([running], State.ACTIVE)
        held = ground.enqueue(0, "sleep", {"seconds": 1})
        ground.reaches([held], State.ACTIVE)
        with ground.servers[0].away("freeze"):
            pool.signal(signal.SIGTERM)
            started = monotonic()
            assert pool.wait(20) == 0
            assert monotonic() - started < 11.0  # the grace period is 30 s
            ground.completes([running], seconds=5)
