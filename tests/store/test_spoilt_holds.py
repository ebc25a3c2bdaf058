"""Jobs of a paused type whose key holds something else cannot be put apart: they stay in line, and the others run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from jobs.auditor import audit
from jobs.types import Priority
from tests.support.jobs import StoreKit, completed


@contextmanager
def spoilt(kit: StoreKit, key: str) -> Iterator[None]:
    """Let a key that is not there hold a text for a while."""
    kit.client.call("SET", key, "foreign")
    yield
    kit.client.call("DEL", key)


def line(kit: StoreKit) -> list[str]:
    """What stands in the line of normal priority."""
    return [raw.decode() for raw in kit.client.call("ZRANGE", kit.keys.pending("default", Priority.NORMAL), 0, -1)]


def test_a_type_that_cannot_be_put_apart_costs_no_job_of_another(kit: StoreKit) -> None:
    stays, runs = kit.enqueue(type="t"), kit.enqueue(type="u")
    kit.type_pauses.pause("t")
    worker = kit.worker()
    with spoilt(kit, kit.keys.held("t")):
        [claim] = kit.claim(worker, 10)
        assert (claim.id, line(kit)) == (runs, [stays])
        worker.complete([completed(claim)])
        assert kit.claim(worker, 10) == []
        assert line(kit) == [stays]
        assert kit.client.call("LLEN", kit.keys.wake("default")) == 0, "a worker that is woken would find nothing"
    assert kit.claim(worker, 10) == []
    assert kit.client.call("ZRANGE", kit.keys.held("t"), 0, -1) == [stays.encode()]
    assert kit.type_pauses.all()["t"].held == 1
    assert audit(kit.store).clean
    assert kit.type_pauses.resume("t")
    assert [claim.id for claim in kit.claim(worker, 10)] == [stays]


def test_another_paused_type_is_put_apart_all_the_same(kit: StoreKit) -> None:
    t, v, u = (kit.enqueue(type=job_type) for job_type in ("t", "v", "u"))
    for job_type in ("t", "v"):
        kit.type_pauses.pause(job_type)
    with spoilt(kit, kit.keys.held("t")):
        assert [claim.id for claim in kit.claim(kit.worker(), 10)] == [u]
        assert line(kit) == [t]
        assert kit.client.call("ZRANGE", kit.keys.held("v"), 0, -1) == [v.encode()]
    assert audit(kit.store).clean


def test_jobs_behind_some_that_cannot_be_put_apart_run_in_order(kit: StoreKit) -> None:
    stay = kit.enqueue_many(120, type="t")
    run = kit.enqueue_many(20, type="u")
    kit.type_pauses.pause("t")
    worker = kit.worker()
    with spoilt(kit, kit.keys.held("t")):
        claims = [claim for _ in range(25) for claim in kit.claim(worker)]
        assert [claim.id for claim in claims] == run
        assert line(kit) == stay
    assert kit.claim(worker) == []
    assert audit(kit.store).clean


def test_a_claim_meets_a_bounded_number_that_cannot_be_put_apart(kit: StoreKit) -> None:
    everything = [*kit.enqueue_many(300, type="t"), *kit.enqueue_many(5, type="u")]
    kit.type_pauses.pause("t")
    worker = kit.worker()
    with spoilt(kit, kit.keys.held("t")):
        kit.client.call("CONFIG", "RESETSTAT")
        assert kit.claim(worker, 10) == []
        stats = kit.client.call("INFO", "commandstats").decode()
        assert stats.count("cmdstat_zpopmin:calls=5,") == 1, "10 jobs, then 50 at once until it has met 200"
        assert line(kit) == everything
        assert kit.client.call("LLEN", kit.keys.wake("default")) == 0
    claimed = [claim.id for _ in range(4) for claim in kit.claim(worker, 10)]
    assert claimed == everything[300:]
    assert kit.type_pauses.all()["t"].held == 300
    assert audit(kit.store).clean
