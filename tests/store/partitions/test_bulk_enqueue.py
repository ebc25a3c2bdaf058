"""While many jobs are enqueued, servers go and come back: each batch looks where it may lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from jobs.circuit import Breaker, Terms
from jobs.conf import Config
from jobs.manager import QueueManager
from jobs.middleware import Chain, Middleware
from jobs.partitioning import Partitions, partition_of_id
from jobs.refusals import BulkResult
from jobs.requests import JobSpec
from jobs.store.store import Store
from jobs.types import JobRequest
from tests.support.polling import wait_until
from tests.support.server import TestServer

BATCH = 20
JOBS = 20 * BATCH


class At(Middleware):
    """Does something when job number `at` is made ready to be sent."""

    def __init__(self, at: int, act: Callable[[], object]) -> None:
        self._left = at
        self._act = act

    def before_enqueue(self, request: JobRequest) -> None:
        """Count, and act."""
        if self._left == 0:
            self._act()
        self._left -= 1


@pytest.fixture
def two(store_url: str, other_server: TestServer, config: Config) -> Iterator[Store]:
    """Give a store on two servers."""
    other_server.flush()
    spread = Partitions(2, (store_url, other_server.url))
    told = replace(config, redis_url=None, partitions=spread, accept_unknown_types=True)
    with closing(Store.open(told)) as store:
        yield store


def breaker(store: Store, seconds: float) -> Breaker:
    """The breaker before the second server, which opens for so long at the first failure."""
    made = store.parts[1].client.breaker
    made.terms = Terms(failures=1, open_seconds=seconds, longest_seconds=seconds)
    return made


def enqueued(store: Store, at: int, act: Callable[[], object]) -> tuple[BulkResult, list[int]]:
    """The result, and in which partition those lie that were taken."""
    manager = QueueManager(store, chain=Chain([At(at, act)]))
    result = manager.enqueue_many([JobSpec("echo") for _ in range(JOBS)], batch_jobs=BATCH)
    return result, [partition_of_id(made.id, 2) for _, made in result.accepted]


def test_a_server_that_was_away_at_the_start_gets_its_share_when_it_is_back(two: Store) -> None:
    second = breaker(two, 0.1)
    second.failed("it was away")
    result, places = enqueued(two, BATCH + 1, lambda: wait_until(lambda: not second.is_shut))
    assert result.refused == []
    assert {*places[:BATCH]} == {0}
    assert places.count(1) >= JOBS // 3


@pytest.mark.parametrize("at", [BATCH + 1, 5 * BATCH, 6 * BATCH - 1])
def test_a_server_that_others_find_away_is_given_no_more_batches(two: Store, at: int) -> None:
    second = breaker(two, 60.0)
    result, places = enqueued(two, at, lambda: second.failed("others have found it away"))
    met = at // BATCH * BATCH  # the batch that was made meanwhile may be meant for it, the one before be on its way
    assert {refusal.code for refusal in result.refused} <= {"store_unavailable"}
    assert all(met - BATCH <= refusal.index < met + BATCH for refusal in result.refused)
    assert len(result.refused) + len(places) == JOBS
    assert set(places[-(JOBS - met - BATCH) :]) == {0}
