"""Servers that answer, but not as they should: full, loading, read-only, behind a password nobody gave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from jobs.conf import Config
from jobs.errors import StoreError, StoreMisconfigured, StoreUnavailable
from jobs.states import State
from jobs.store.codes import SettleCode
from tests.support.jobs import StoreKit, completed, discarded, failed, released, request, snoozed, store_kit
from tests.support.polling import wait_until
from tests.support.server import TestServer

FILLER = b"x" * 1000


@pytest.fixture
def server() -> Iterator[TestServer]:
    """Give a server of the test's own, whose data outlasts a restart."""
    with TestServer(durable=True) as made:
        yield made


@pytest.fixture
def kit(server: TestServer, config: Config) -> Iterator[StoreKit]:
    """Give a kit on that server. It asks again and again: what is to be seen here are the answers."""
    with store_kit(server.url, replace(config, breaker_failures=10_000)) as made:
        yield made


def configure(server: TestServer, name: str, value: str) -> None:
    with server.client() as client:
        client.config_set(name, value)


def fill(server: TestServer) -> None:
    """Allow no more memory than is in use, by far."""
    configure(server, "maxmemory-policy", "noeviction")
    configure(server, "maxmemory", "1")


def refuses(kit: StoreKit) -> StoreError | None:
    """Enqueue, and return what the store says against it."""
    try:
        kit.enqueue()
    except StoreError as error:
        return error
    return None


def test_a_full_server_takes_no_jobs_in(server: TestServer, kit: StoreKit) -> None:
    kit.enqueue()  # the queue is known now, so that the shortest way in is tried too
    fill(server)
    for requests in ([request()], [request(deduplication_key="one"), request()]):
        with pytest.raises(StoreUnavailable) as caught:
            kit.producer.enqueue(requests)
        assert caught.value.kind == "out_of_memory"
    assert kit.store.reader.sizes(kit.store.reader.indexes(State.PENDING)) == 1


def test_a_full_server_can_still_be_drained(server: TestServer, kit: StoreKit) -> None:
    kit.enqueue_many(7)
    fill(server)
    worker = kit.worker()
    done, broken, back, later, dropped, *others = kit.claim(worker, 7)
    assert worker.complete([completed(done, FILLER)]) == [SettleCode.OK]
    assert worker.fail([failed(broken)]) == [SettleCode.OK]
    assert worker.release([released(back)]) == [SettleCode.OK]
    assert worker.snooze([snoozed(later)]) == [SettleCode.OK]
    assert worker.discard([discarded(dropped)]) == [SettleCode.OK]
    assert worker.renew(others) == [SettleCode.OK, SettleCode.OK]
    kit.advance(2_000)
    assert sorted(kit.promote()) == sorted([broken.id, later.id])
    kit.advance(60_000)
    assert sorted(kit.reap()) == sorted(claim.id for claim in others)


def test_a_server_that_is_loading_is_waited_for(server: TestServer, kit: StoreKit) -> None:
    job_id = kit.enqueue()
    with server.client() as client:
        pipe = client.pipeline(transaction=False)
        for number in range(6000):
            pipe.set(f"filler:{number}", "x")
        pipe.execute()
    server.stop()
    server.settings["key-load-delay"] = "300"  # microseconds a key; it answers every 1,024 keys
    server.launch()
    seen: list[str] = []

    def answers() -> bool:
        try:
            return kit.record(job_id).state is State.PENDING
        except StoreUnavailable as error:
            seen.append(error.kind)
            return False

    wait_until(answers, 30.0)
    assert "loading" in seen
    assert set(seen) <= {"connection", "loading"}


def read_only(server: TestServer) -> None:
    with server.client() as client:
        client.replicaof("127.0.0.1", "1")


def lose_its_master(server: TestServer) -> None:
    configure(server, "replica-read-only", "no")
    configure(server, "replica-serve-stale-data", "no")
    read_only(server)


def lock(server: TestServer) -> None:
    with server.client() as client:
        client.config_set("requirepass", "secret")
        client.execute_command("AUTH", "secret")
        client.client_kill_filter(_type="normal", skipme=True)


def want_replicas(server: TestServer) -> None:
    configure(server, "min-replicas-to-write", "3")


@pytest.mark.parametrize(
    ("spoil", "kind", "exception"),
    [
        (read_only, "read_only", StoreUnavailable),
        (lose_its_master, "replica_stale", StoreUnavailable),
        (want_replicas, "too_few_replicas", StoreUnavailable),
        (lock, "no_auth", StoreMisconfigured),
    ],
)
def test_a_server_that_refuses_says_why(
    server: TestServer, kit: StoreKit, spoil: Callable[[TestServer], None], kind: str, exception: type[StoreError]
) -> None:
    kit.enqueue()
    spoil(server)

    def refused() -> StoreError | None:
        error = refuses(kit)  # at first perhaps that the connection was closed
        return error if error is not None and error.kind == kind else None

    assert isinstance(wait_until(refused, 10.0), exception)


def test_a_wrong_password_is_a_matter_of_configuration(config: Config) -> None:
    with TestServer(password="right") as server:
        with store_kit(server.url.replace("right", "wrong"), config) as kit:
            error = refuses(kit)
        assert isinstance(error, StoreMisconfigured)
        assert error.kind == "wrong_password"


def test_what_a_worker_holds_outlasts_a_server_that_became_read_only(server: TestServer, kit: StoreKit) -> None:
    worker = kit.worker()
    claim = kit.claimed(worker)
    read_only(server)
    with pytest.raises(StoreUnavailable):
        worker.complete([completed(claim)])
    with server.client() as client:
        client.replicaof("NO", "ONE")
    assert worker.repeat() == [SettleCode.OK]
    assert kit.state(claim.id) is State.COMPLETED
