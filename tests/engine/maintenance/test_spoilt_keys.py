"""What does not belong into the store stops no duty: it costs what needs it, is said once, and all else goes on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jobs.maintenance import history, promoter, pruner, reaper
from jobs.maintenance.crew import plans
from jobs.maintenance.history import HistoryKeeper
from jobs.maintenance.promoter import BATCH, MOST_BATCHES, Promoter
from jobs.maintenance.pruner import Pruner
from jobs.maintenance.reaper import Reaper
from jobs.maintenance.resumer import Resumer
from jobs.states import State
from jobs.store.history import RINGS
from jobs.types import Priority
from tests.support.jobs import StoreKit, completed, failed
from tests.support.polling import wait_until

from .conftest import Lead, MakeRunner

NOT_TEXT = b"\xff\xfe no id"
NORMAL = Priority.NORMAL


def foreign(kit: StoreKit, key: str) -> None:
    """Put a text where something else should be."""
    kit.client.call("DEL", key)
    kit.client.call("SET", key, "foreign")


def events(caplog: pytest.LogCaptureFixture, event: str) -> list[Any]:
    """What was logged of one kind."""
    return [record.msg for record in caplog.records if isinstance(record.msg, dict) and record.msg["event"] == event]


def test_a_queue_that_is_none_holds_up_no_other_queue(kit: StoreKit, lead: Lead, caplog: pytest.LogCaptureFixture):
    bad = kit.enqueue_many(BATCH + 20, queue="bad", delay_ms=1000)
    good = kit.enqueue(queue="good", delay_ms=1001)
    foreign(kit, kit.keys.pending("bad", NORMAL))
    kit.advance(2000)
    run = Promoter(kit.store, lead(kit, promoter.NAME)).run_once
    assert run().done == 1
    assert kit.state(good) is State.PENDING
    assert run().done == 0
    assert [
        each["queue"] for each in events(caplog, "jobs cannot go to their queue: its key holds something else")
    ] == ["bad"]
    kit.client.call("DEL", kit.keys.pending("bad", NORMAL))
    assert run().done == len(bad)


def test_more_of_them_than_a_run_looks_at_are_passed_over_in_the_next(kit: StoreKit, lead: Lead, monkeypatch):
    monkeypatch.setattr(promoter, "BATCH", 3)
    kit.enqueue_many(3 * MOST_BATCHES + 4, queue="bad", delay_ms=1000)
    good = kit.enqueue(queue="good", delay_ms=1001)
    foreign(kit, kit.keys.pending("bad", NORMAL))
    kit.advance(2000)
    run = Promoter(kit.store, lead(kit, promoter.NAME)).run_once
    assert [run().done, run().done] == [0, 1]
    assert kit.state(good) is State.PENDING


@pytest.mark.parametrize("index", ["scheduled", "retrying"])
def test_one_of_the_timers_indexes_is_read_without_the_other(kit: StoreKit, lead: Lead, index: str):
    claim = kit.claimed()
    kit.worker().fail([failed(claim, delay_ms=1000)])
    late = kit.enqueue(delay_ms=1000)
    foreign(kit, getattr(kit.keys, index))
    kit.advance(1001)
    assert Promoter(kit.store, lead(kit, promoter.NAME)).run_once().done == 1
    assert kit.state(claim.id if index == "scheduled" else late) is State.PENDING


def test_what_is_no_id_stops_neither_timer_nor_reaper_nor_pruner(kit: StoreKit, lead: Lead, caplog):
    keys, worker = kit.keys, kit.worker()
    runs = [made(kit.store, lead(kit, name)).run_once for made, name in DUTIES]
    runs[1]()
    late, lost, old = kit.enqueue(delay_ms=1000), kit.claimed(worker), kit.claimed(worker, retention_ms=1000)
    worker.complete([completed(old)])
    for index in (keys.scheduled, keys.retrying, keys.active, keys.expiring, keys.completed, keys.cancelled):
        kit.client.call("ZADD", index, 1, NOT_TEXT)
        kit.client.call("ZADD", index, 2, b"\xfe")
    kit.client.call("HSET", keys.metadata, b"\xfe", kit.client.call("HGET", keys.metadata, lost.id))
    for _ in range(8):
        kit.advance(5000)
        for run in runs:
            run()
    assert kit.states([late, old.id, lost.id]) == [State.PENDING, None, State.PENDING]
    assert kit.record(lost.id).attempts == 1
    for index in (keys.scheduled, keys.retrying, keys.active, keys.expiring, keys.completed, keys.cancelled, keys.dlq):
        assert kit.client.call("ZRANGE", index, 0, -1) == []
    said = events(caplog, "entries that are no jobs are taken out")
    assert sorted(each["index"] for each in said) == sorted(
        (keys.scheduled, keys.retrying, keys.active, keys.expiring, keys.completed, keys.cancelled)
    )
    assert all(sorted(each["entries"]) == ["\\xfe", "\\x" + NOT_TEXT.hex()] for each in said)


DUTIES: list[Any] = [(Promoter, promoter.NAME), (Reaper, reaper.NAME), (Pruner, pruner.NAME)]


def test_one_rule_of_the_pruner_is_kept_without_another(kit: StoreKit, lead: Lead, caplog):
    worker = kit.worker()
    worker.complete([completed(kit.claimed(worker))])
    foreign(kit, kit.keys.expiring)
    run = Pruner(kit.store, lead(kit, pruner.NAME)).run_once
    kit.advance(25 * 3_600_000)
    assert [run().done, run().done] == [1, 0]
    [said] = events(caplog, "a part of a duty cannot be done")
    assert (said["duty"], said["part"]) == ("pruner", "own_retention")
    kit.client.call("DEL", kit.keys.expiring)
    run()
    assert len(events(caplog, "a part of a duty works again")) == 1


def test_history_goes_on_without_a_queue_that_is_none(kit: StoreKit, lead: Lead):
    kit.enqueue(queue="bad")
    foreign(kit, kit.keys.pending("bad", NORMAL))
    kit.advance(11_000)
    assert HistoryKeeper(kit.store, lead(kit, history.NAME)).run_once().done > 0
    (tick, *_) = kit.store.history.ticks(min(RINGS), 1)
    assert tick.gauged is False


def test_a_resume_into_what_is_no_queue_loses_nothing(kit: StoreKit, lead: Lead):
    kit.type_pauses.pause("echo")
    job_id = kit.enqueue(queue="bad")
    foreign(kit, kit.keys.pending("bad", NORMAL))
    kit.client.call("HSET", kit.keys.paused_types, "echo", "0 1")
    run = Resumer(kit.store, lead(kit, "resumer")).run_once
    run()
    assert kit.client.call("ZRANGE", kit.keys.held("echo"), 0, -1) == [job_id.encode()]
    kit.client.call("DEL", kit.keys.pending("bad", NORMAL))
    run()
    assert [claim.id for claim in kit.claim(kit.worker(), 1, "bad")] == [job_id]


@pytest.mark.parametrize("key", ["scheduled", "retrying", "active", "completed", "expiring", "dlq", "stats", "counts"])
def test_every_duty_comes_back_when_a_key_is_mended(kit: StoreKit, make_runner: MakeRunner, config, key: str, capfd):
    name = getattr(kit.keys, key)
    foreign(kit, name)
    runners = [make_runner(plan) for plan in plans(config) if plan.name in ("promoter", "reaper", "pruner", "history")]
    wait_until(lambda: len(kit.keeper.leaders([runner.plan.name for runner in runners])) == len(runners))
    kit.client.call("DEL", name)
    job_id = kit.enqueue(delay_ms=1)
    wait_until(lambda: kit.state(job_id) is State.PENDING)
    assert all(runner._thread.is_alive() for runner in runners)
    assert json.dumps("failed and is tried again") not in capfd.readouterr().err
