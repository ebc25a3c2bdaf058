"""One of two servers is away: what is of the other goes on, and people are told which one that is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from jobs.api.problems import problem_of
from jobs.auditor import audit
from jobs.circuit import BreakerState
from jobs.conf import Config
from jobs.errors import StoreMisconfigured, StoreUnavailable
from jobs.inspection.status import maintenance_part, store_part
from jobs.states import State
from jobs.store.store import Store
from tests.support.jobs import StoreKit, request
from tests.support.partitions import Installation, installation, said_id, story
from tests.support.polling import wait_until
from tests.support.server import TestServer

AWAY = StoreUnavailable("it is on fire")


@pytest.fixture
def two(store_url: str, mortal_server: TestServer, config: Config) -> Iterator[Installation]:
    """Give an installation over the usual server and one that the test may kill."""
    with installation(config, 2, store_url, mortal_server.url) as made:
        yield made


def test_health_says_which_partition_is_away(two: Installation, mortal_server: TestServer) -> None:
    assert store_part(two.store).status == "healthy"
    with mortal_server.away("kill"):
        part = store_part(two.store)
        assert part.status == "degraded"
        assert "partition 1 is away, its jobs wait: " in part.detail
        assert "partition 0 is away" not in part.detail
        part = maintenance_part(two.store, ["promoter", "history"])
        assert part.detail == "a leader is about to take: promoter, history"
    second_breaker = two.kits[1].client.breaker
    assert second_breaker.name == "store:1"
    assert two.store.client.breaker.name == "store"
    assert two.store.client.breaker.view().state is BreakerState.CLOSED


def test_the_other_takes_jobs_and_is_asked_for_them(two: Installation, mortal_server: TestServer) -> None:
    two.play(("pending", said_id(1, 1), {}))
    mortal_server.kill()
    two.play(("pending", said_id(0, 2), {}))
    assert two.store.reader.job(said_id(0, 2)).record is not None
    with pytest.raises(StoreUnavailable, match=r"^partition 1: "):
        two.store.reader.state_counts()
    with pytest.raises(StoreUnavailable, match=r"^partition 1: "):
        two.store.glance.figures()
    reader, browser = two.store.reader, two.store.browser
    indexes = reader.indexes(State.COMPLETED)
    lists: tuple[Callable[[], object], ...] = (
        lambda: reader.walk(indexes, 10),
        lambda: reader.sizes(indexes),
        lambda: browser.rows([said_id(0, 2), said_id(1, 1)]),
        lambda: browser.size_between(indexes[1], None, None),
        browser.ping,
    )
    for ask in lists:
        with pytest.raises(StoreUnavailable, match=r"^partition 1: "):
            ask()
    with pytest.raises(StoreUnavailable) as away:
        reader.job(said_id(1, 1))
    assert "Partition 1 of the store cannot answer now" in (problem_of(away.value).detail or "")


def test_one_that_refuses_us_stops_no_other(two: Installation, mortal_server: TestServer) -> None:
    with mortal_server.client() as client:
        client.config_set("requirepass", "secret")
    with pytest.raises(StoreMisconfigured, match=r"^partition 1: ") as refused:
        two.store.reader.job(said_id(1, 1))
    assert "Partition 1 of the store cannot answer now" in (problem_of(refused.value).detail or "")
    assert store_part(two.store).status == "degraded"
    wait_until(lambda: "partition 1 refuses us, its jobs wait: " in store_part(two.store).detail)
    assert maintenance_part(two.store, ["promoter", "history"]).detail == "a leader is about to take: promoter, history"


def test_that_there_are_other_partitions_holds_for_all(
    two: Installation, mortal_server: TestServer, config: Config
) -> None:
    gone = "redis://127.0.0.1:1"
    with installation(config, 2, mortal_server.url, gone) as other, pytest.raises(StoreUnavailable):
        other.store.reader.state_counts()
    with pytest.raises(StoreMisconfigured, match="is that of partition 0"):
        store_part(two.store)


def test_all_away_is_no_degradation(two: Installation, mortal_server: TestServer, redis_server: TestServer) -> None:
    store_part(two.store)
    mortal_server.kill()
    with redis_server.away("kill"), pytest.raises(StoreUnavailable):
        store_part(two.store)


def test_an_audit_is_of_all_and_knows_where_jobs_belong(three: Installation) -> None:
    three.play_all(story(3))
    report = audit(three.store)
    assert report.clean
    assert report.jobs == three.store.reader.totals()["created"]
    stranger = said_id(1, 999)
    three.kits[2].enqueue(stranger)
    report = audit(three.store)
    assert report.counts == {"in_wrong_partition": 1}
    assert [each.text for each in report.findings] == [
        f"partition 2: job {stranger} belongs into another partition",
    ]


def test_figures_of_one_server_are_counted_once(three: Installation) -> None:
    one = three.kits[0].store.metrics.server()
    together = three.store.metrics.server()
    assert (together.run_id, together.version, together.memory_limit) == (one.run_id, one.version, 0)
    assert together.memory < 2 * one.memory


def test_figures_of_two_servers_add_up(two: Installation) -> None:
    assert len(two.store.servers) == 2
    assert two.store.metrics.server().clients > two.kits[0].store.metrics.server().clients


def test_a_job_that_a_client_named_lies_where_its_name_says(two: Installation) -> None:
    two.store.producer.enqueue([])
    whole = StoreKit("", two.store.config, two.store)
    for number in range(20):
        whole.enqueue(f"order-{number}")
    assert two.store.reader.state_counts()["pending"] == 20
    assert all(kit.reader.state_counts()["pending"] for kit in two.kits)
    assert [moved.id for moved in two.store.operator.cancel([f"order-{number}" for number in range(20)])] == [
        f"order-{number}" for number in range(20)
    ]
    assert two.kit("order-3").state("order-3") is State.CANCELLED


def test_a_store_that_is_known_to_be_away_fails_alike_however_it_is_asked(config: Config) -> None:
    for absent in (Store.absent(replace(config, enqueue_wait_replicas=most), AWAY) for most in (0, 1)):
        with pytest.raises(StoreUnavailable, match="it is on fire"):
            absent.producer.enqueue([request("order-1")])
        with pytest.raises(StoreUnavailable, match="it is on fire"):
            absent.consumer("w", "i", "c")
