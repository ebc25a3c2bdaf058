"""The fault suite can fail: where a fault does not come, lasts, or cannot be made, it says so."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
import redis
from msgspec import structs

from jobs.conf import Config
from jobs.partitioning import Partitions
from jobs.store.store import Store
from tests.faults import __main__ as command
from tests.faults.ground import Ground
from tests.faults.load import Account
from tests.faults.outage import Figures
from tests.faults.proofs import Missing, NotInjected, await_loading, is_silent, says, turns_away
from tests.faults.scenarios import Scenario
from tests.faults.table import HEAD
from tests.faults.watch import Watch
from tests.support.jobs import completed
from tests.support.partitions import Installation, said_id
from tests.support.polling import wait_until
from tests.support.server import TestServer

Begin = Callable[[list[str]], tuple[Installation, Watch]]
CLEAN = Account(10, 10, 0, 0, 0, 0, 10, 0, pause=0.1, feeders_pause=0.1)


@pytest.fixture
def watched(store_url: str, config: Config) -> Iterator[Begin]:
    """Give a store of two partitions, and a watch on it that has begun."""
    with ExitStack() as stack:

        def begin(accepted: list[str]) -> tuple[Installation, Watch]:
            store = Store.open(replace(config, redis_url=store_url, partitions=Partitions(2)))
            stack.callback(store.close)
            watch = Watch(store, accepted)
            stack.callback(watch.close)
            watch.start()
            return Installation(store), watch

        yield begin


def goes_by(seconds: float) -> None:
    """Wait for nothing else."""
    until = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() >= until)


def test_an_error_that_the_server_never_said_is_no_fault() -> None:
    with TestServer() as server:
        with pytest.raises(NotInjected, match="never answered OOM"), says(server, "OOM"):
            pass
        with says(server, "OOM"), server.client() as client:
            client.config_set("maxmemory", "1")
            with pytest.raises(redis.OutOfMemoryError):
                client.set("key", "value")
            client.config_set("maxmemory", "0")


def test_a_server_that_takes_every_connection_is_no_fault() -> None:
    with TestServer() as server:
        with pytest.raises(NotInjected), turns_away(server):
            pass
        with turns_away(server), server.client() as client:
            client.config_set("maxclients", "1")
            with pytest.raises(redis.ConnectionError), server.client(retry=None) as other:
                other.ping()
            client.config_set("maxclients", "100")


def test_a_server_that_answers_neither_hangs_nor_loads() -> None:
    with TestServer() as server:
        assert not is_silent(server.url)
        with server.away("freeze"):
            assert is_silent(server.url)
        with pytest.raises(NotInjected):
            await_loading(server)


def test_a_partition_that_stands_is_a_pause_though_the_other_goes_on(watched: Begin) -> None:
    installation, watch = watched([])
    goes_by(0.3)
    assert watch.pause == 0.0  # nothing waits
    stands, goes_on = installation.kits
    stands.enqueue(said_id(0, 1))
    worker = goes_on.worker()

    def completes() -> bool:
        worker.complete([completed(goes_on.claimed(worker))])
        return watch.pause > 0.5

    wait_until(completes)


def test_recovery_lasts_until_all_has_ended_that_a_fault_struck(watched: Begin) -> None:
    ids = [said_id(at, 7) for at in (0, 1)]
    installation, watch = watched(ids)
    workers = [kit.worker() for kit in installation.kits]
    claims = [kit.claimed(workers[at], job_id=ids[at]) for at, kit in enumerate(installation.kits)]
    watch.strike()
    watch.over()
    for worker, claim in zip(workers, claims, strict=True):
        goes_by(0.2)
        assert not watch.is_settled
        worker.complete([completed(claim)])
    wait_until(lambda: watch.is_settled)
    [strike] = watch.strikes
    assert (strike.struck, strike.claimed, strike.gone, strike.too_often) == (2, 2, 0, 0)
    assert strike.recovery >= 0.4


def test_a_job_that_is_gone_is_harm(watched: Begin) -> None:
    installation, watch = watched([said_id(0, 1)])
    installation.kits[0].enqueue(said_id(0, 1))
    watch.strike()
    installation.kits[0].client.call("FLUSHDB")
    wait_until(lambda: watch.is_settled)
    assert watch.strikes[0].gone == 1


def test_recovery_and_pauses_have_their_bounds() -> None:
    assert CLEAN.is_clean
    assert CLEAN.late(5.0) == []
    assert replace(CLEAN, recovery=5.1).late(5.0) == ["the last struck job ended after 5.1 s, 5.0 are allowed"]
    assert replace(CLEAN, pause=8.0, lasted=3.0).late(5.0) == []
    assert len(replace(CLEAN, pause=8.1, lasted=3.0).late(5.0)) == 1


def test_what_a_machine_lacks_and_what_fails_costs_its_own_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def lacks(ground: Ground) -> None:
        raise Missing("a second moon")

    def fails(ground: Ground) -> None:
        raise NotInjected("nothing broke")

    made = [Scenario(f"fault {each.__name__}", "so", each, 1, 5.0, {"prepare": each}) for each in (lacks, fails)]
    monkeypatch.setattr(command, "SCENARIOS", {each.name: each for each in made})
    run = command.Run(["fault"], None, 1.0)
    lines = [str(row) for row in run.rows()]
    assert lines[0].startswith("| fault lacks | so | not run: needs a second moon |")
    assert lines[1].startswith("| fault fails | so | failed: NotInjected('nothing broke') |")
    assert {line.count("|") for line in lines} == {HEAD.partition("\n")[0].count("|")}
    assert run.dirty == 2
    assert "needs a second moon" in capsys.readouterr().err


def test_an_outage_under_less_load_than_was_asked_for_is_no_proof() -> None:
    figures = Figures(
        asked=200.0, rate=190.0, statuses={"201": 100, "202": 100}, open=1, claimed=1, accepted=200,
        completed_once=200, executions=200, lost=0, recorded_twice=0, outbox_run_twice=0, p99=0.1, longest=0.2,
        recovery=0.5, struck=0.1, drained=1.0,
    )  # fmt: skip
    assert figures.faults == []
    assert structs.replace(figures, rate=189.0).faults == ["189.0 POSTs a second of 200.0"]
