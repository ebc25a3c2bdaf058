"""A server that refuses: each refusal has its word, says whether a repeat can help, and a full server still drains."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from jobs.auditor import audit
from jobs.conf import Config
from jobs.errors import StoreError, StoreMisconfigured, StoreUnavailable
from jobs.filtering import JobFilter
from jobs.states import State
from jobs.store.client import Client
from jobs.store.codes import MoveCode, SettleCode
from jobs.store.operation import Action
from jobs.store.producer import Marker, Producer
from tests.store.states import SETTLE_VERBS, VERBS, scene
from tests.support.jobs import StoreKit, completed, request, store_kit
from tests.support.polling import wait_until
from tests.support.server import TestServer


@pytest.fixture
def full(kit: StoreKit) -> Iterator[Callable[[], None]]:
    """Give a function that leaves the server no memory; it has some again after the test."""

    def fill() -> None:
        kit.client.call("CONFIG", "SET", "maxmemory", 1)

    kit.client.call("CONFIG", "SET", "maxmemory-policy", "noeviction")
    yield fill
    kit.client.call("CONFIG", "SET", "maxmemory", 0)


@pytest.mark.parametrize("options", [{}, {"delay_ms": 9}, {"deduplication_key": "k"}], ids=["one", "later", "keyed"])
def test_a_full_server_refuses_new_jobs(kit: StoreKit, full: Callable[[], None], options: dict[str, object]) -> None:
    kit.enqueue()
    full()
    with pytest.raises(StoreUnavailable) as caught:
        kit.producer.enqueue([request(**options)])  # type: ignore[arg-type]
    assert (caught.value.kind, caught.value.transient) == ("out_of_memory", True)
    assert kit.reader.totals() == {"created": 1}


@pytest.mark.parametrize("verb", SETTLE_VERBS)
def test_a_full_server_lets_every_running_job_go(kit: StoreKit, full: Callable[[], None], verb: str) -> None:
    made = scene(kit, State.ACTIVE)
    full()
    assert made.worker.renew([made.claim]) == [SettleCode.OK]
    assert made.worker.report([(made.claim, "50", ["a line"])]) == [SettleCode.OK]
    kit.advance(120_000)
    assert VERBS[verb](made)
    assert audit(kit.store).clean


def test_a_full_server_drains(kit: StoreKit, full: Callable[[], None]) -> None:
    kit.enqueue_many(500, deduplication_key="")
    kit.enqueue_many(50, delay_ms=1000)
    full()
    kit.advance(2000)
    kit.promote()
    worker = kit.worker()
    done = 0
    while claims := kit.claim(worker, 100):
        worker.complete([completed(claim, b"1") for claim in claims])
        done += len(claims)
    assert done == 550
    assert audit(kit.store).clean


def test_people_can_clear_a_full_server(kit: StoreKit, full: Callable[[], None]) -> None:
    dead, waiting = scene(kit, State.DEAD), scene(kit, State.PENDING)
    full()
    operations = kit.store.operations
    kit.store.markers.keep(Marker("k", "b", 60), "operation")
    assert operations.open(Action.DELETE, JobFilter(ids=(dead.job_id,)), operation_id="op").id == "op"
    assert operations.abort("op")
    kit.operator.pause("stage")
    kit.operator.resume("stage")
    kit.operator.order("worker", "drain")
    kit.store.registry.set_desired("pool", 0)
    kit.store.registry.join_pool("pool", "supervisor", 3)
    assert kit.operator.retry([dead.job_id])[0].code is MoveCode.DONE
    for job_id in (dead.job_id, waiting.job_id):
        assert kit.operator.cancel([job_id])[0].code is MoveCode.DONE
        assert kit.operator.delete([job_id])[0].code is MoveCode.DONE
    assert audit(kit.store).clean


def test_a_replica_is_read_only(config: Config) -> None:
    with TestServer() as primary:
        host, port = "127.0.0.1", primary.address.port
        with TestServer(settings={"replicaof": f"{host} {port}"}) as replica:
            client = Client(replica.url, timeout=5)
            wait_until(lambda: b"master_link_status:up" in client.call("INFO", "replication"))
            with store_kit(replica.url, config) as kit:
                with pytest.raises(StoreUnavailable) as caught:
                    kit.enqueue()
                assert caught.value.kind == "read_only"
                with pytest.raises(StoreUnavailable) as caught:
                    kit.claim(kit.worker())
                assert caught.value.kind == "read_only"
                assert kit.reader.totals() == {}
            client.close()


def test_a_primary_without_its_replicas_waits(kit: StoreKit) -> None:
    kit.client.call("CONFIG", "SET", "min-replicas-to-write", 1)
    try:
        with pytest.raises(StoreUnavailable) as caught:
            kit.enqueue()
        assert caught.value.kind == "too_few_replicas"
    finally:
        kit.client.call("CONFIG", "SET", "min-replicas-to-write", 0)


def test_a_missing_password_is_a_matter_of_configuration(config: Config) -> None:
    with TestServer(password="secret") as server:
        bare = server.url.replace(":secret@", "")
        expected = {bare: "no_auth", server.url.replace("secret", "guess"): "wrong_password"}
        for url, kind in expected.items():
            with store_kit(url, config) as kit:
                with pytest.raises(StoreMisconfigured) as caught:
                    kit.enqueue()
                assert (caught.value.kind, caught.value.transient) == (kind, False)
        with store_kit(server.url, config) as kit:
            assert kit.enqueue()


def test_a_missing_permission_is_a_matter_of_configuration(config: Config) -> None:
    with TestServer() as server:
        with server.client() as admin:
            admin.execute_command("ACL", "SETUSER", "reader", "on", ">pw", "~*", "&*", "+@read", "+@connection")
        with store_kit(server.url.replace("redis://", "redis://reader:pw@"), config) as kit:
            with pytest.raises(StoreMisconfigured) as caught:
                kit.enqueue()
            assert caught.value.kind == "no_permission"


def test_a_server_that_cannot_write_its_file_is_unavailable(config: Config) -> None:
    settings = {"save": "3600 1", "stop-writes-on-bgsave-error": "yes"}
    with TestServer(settings=settings) as server, store_kit(server.url, config) as kit:
        kit.enqueue()
        (server.folder / "dump.rdb" / "in-the-way").mkdir(parents=True)
        kit.client.call("BGSAVE")
        wait_until(lambda: b"rdb_last_bgsave_status:err" in kit.client.call("INFO", "persistence"))
        with pytest.raises(StoreUnavailable) as caught:
            kit.enqueue()
        assert caught.value.kind == "persistence_failed"


def answers(kit: StoreKit) -> bool:
    try:
        return bool(kit.client.call("PING"))
    except StoreUnavailable:
        return False


def test_a_script_that_runs_too_long_makes_the_server_busy(redis_server: TestServer, kit: StoreKit) -> None:
    kit.client.call("CONFIG", "SET", "busy-reply-threshold", 10)
    endless = redis_server.client()
    pool_connection = endless.connection_pool.get_connection()
    try:
        pool_connection.send_command("EVAL", "while true do end", 0)

        def busy() -> bool:
            try:
                kit.client.call("GET", "x")
            except StoreUnavailable as error:
                return error.kind == "busy"
            return False

        wait_until(busy)
    finally:
        kit.client.call("SCRIPT", "KILL")
        pool_connection.disconnect()
        endless.close()
        wait_until(lambda: answers(kit))
        kit.client.call("CONFIG", "SET", "busy-reply-threshold", 5000)


def test_a_server_with_too_many_clients_is_unavailable(config: Config) -> None:
    with TestServer(settings={"maxclients": "10"}) as server:
        others = [server.client() for _ in range(10)]
        for other in others:
            other.ping()
        with pytest.raises(StoreUnavailable) as caught:
            Producer(Client(server.url, timeout=1), StoreKit(server.url, config).keys).enqueue([request()])
        assert caught.value.kind in ("too_many_clients", "connection")
        for other in others:
            other.close()


def test_a_bug_in_a_script_is_no_weather(kit: StoreKit) -> None:
    with pytest.raises(StoreError) as caught:
        kit.client.call("EVAL", "return nothing.there", 0)
    assert (caught.value.kind, caught.value.transient) == ("script", False)
