"""Lost leases are taken back in time, but not because the clock or the server was away."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jobs.backoff import Backoff
from jobs.errors import StoreUnavailable
from jobs.maintenance.reaper import NAME, Reaper
from jobs.maintenance.runner import Plan
from jobs.states import State
from jobs.store.codes import SettleCode
from jobs.store.store import Store
from jobs.types import Envelope, JobRequest
from tests.support.jobs import StoreKit, completed, store_kit
from tests.support.polling import wait_until
from tests.support.server import TestServer

from .conftest import Lead, MakeRunner

PERIOD_MS = 5000
LEASE_MS = 30_000


class Reaping:
    """A reaper and the time in which it runs at its period."""

    def __init__(self, kit: StoreKit, reaper: Reaper) -> None:
        self.kit = kit
        self.run = reaper.run_once
        self.run()

    def after(self, milliseconds: int) -> int:
        """Let time pass with a run each period, and return how many jobs were reaped."""
        done = 0
        while milliseconds > 0:
            step = min(milliseconds, PERIOD_MS)
            self.kit.advance(step)
            milliseconds -= step
            done += self.run().done
        return done


@pytest.fixture
def reaping(kit: StoreKit, lead: Lead) -> Reaping:
    """Return a reaper at work."""
    return Reaping(kit, Reaper(kit.store, lead(kit, NAME)))


def test_a_job_of_a_silent_worker_is_back_after_lease_and_period(kit: StoreKit, reaping: Reaping):
    claim = kit.claimed(kit.worker("worker-7"))
    assert reaping.after(LEASE_MS - 1000) == 0
    assert reaping.after(PERIOD_MS + 1000) == 1
    record = kit.record(claim.id)
    assert record.state is State.RETRYING
    assert record.attempts == 1
    assert record.error == "WorkerLost: worker 'worker-7' was lost: its lease expired"
    (execution,) = kit.reader.job(claim.id).history
    assert (execution.outcome, execution.worker, execution.error_type) == ("lost", "worker-7", "WorkerLost")
    assert execution.ended >= execution.claimed + LEASE_MS


def test_the_last_attempt_lost_is_the_end(kit: StoreKit, reaping: Reaping):
    claim = kit.claimed(max_retries=0)
    assert reaping.after(LEASE_MS + PERIOD_MS) == 1
    assert kit.state(claim.id) is State.DEAD


def test_losses_of_different_workers_are_one_group(kit: StoreKit, reaping: Reaping):
    kit.claimed(kit.worker("alpha"), max_retries=0)
    kit.claimed(kit.worker("beta-22"), max_retries=0)
    assert reaping.after(LEASE_MS + PERIOD_MS) == 2
    (group,) = kit.reader.groups().values()
    assert group.count == 2


def test_a_renewed_lease_is_left_alone(kit: StoreKit, reaping: Reaping):
    worker = kit.worker()
    claim = kit.claimed(worker)
    assert reaping.after(20_000) == 0
    assert worker.renew([claim]) == [SettleCode.OK]
    assert reaping.after(20_000) == 0
    assert kit.state(claim.id) is State.ACTIVE


def test_a_lost_worker_that_wakes_up_writes_nothing(kit: StoreKit, reaping: Reaping):
    worker = kit.worker()
    claim = kit.claimed(worker)
    reaping.after(LEASE_MS + PERIOD_MS)
    assert worker.complete([completed(claim)]) == [SettleCode.LEASE_LOST]
    assert kit.state(claim.id) is State.RETRYING


def test_the_wait_before_the_next_attempt_is_the_jobs_own(kit: StoreKit, reaping: Reaping):
    slow = Backoff(base=1000, factor=2, max=4000, jitter=0)
    kit.producer.enqueue([JobRequest(id="slow", type="echo", envelope=Envelope(b"{}", 1000, slow))])
    (claim,) = kit.claim(kit.worker())
    reaping.after(LEASE_MS + PERIOD_MS)
    assert kit.record(claim.id).ready == pytest.approx(kit.reader.now_ms() + 1_000_000, abs=PERIOD_MS + 1000)


def test_many_are_reaped_in_batches(kit: StoreKit, reaping: Reaping):
    kit.enqueue_many(600)
    worker = kit.worker()
    while kit.claim(worker, 250):
        pass
    assert reaping.after(LEASE_MS + PERIOD_MS) == 600
    assert kit.reader.totals()["reaped"] == 600


@pytest.mark.parametrize("gap_ms", [120_000, -120_000])
def test_after_a_gap_or_a_clock_step_every_lease_starts_anew(kit: StoreKit, reaping: Reaping, gap_ms: int):
    claim = kit.claimed()
    kit.advance(gap_ms)
    assert reaping.run().done == 0
    assert reaping.after(LEASE_MS - PERIOD_MS) == 0, "the worker gets the time to renew"
    assert kit.state(claim.id) is State.ACTIVE
    assert reaping.after(2 * PERIOD_MS) == 1, "but not for ever"


def test_a_gap_with_many_leases_is_worked_off_in_batches(kit: StoreKit, reaping: Reaping):
    kit.enqueue_many(600)
    worker = kit.worker()
    while kit.claim(worker, 250):
        pass
    kit.advance(120_000)
    first = reaping.run()
    assert (first.done, first.again) == (0, 0), "it goes on at once"
    while reaping.run().again == 0:
        pass
    assert kit.keeper.expired_leases(10).jobs == []
    assert reaping.after(LEASE_MS + PERIOD_MS) == 600


def test_a_new_leader_knows_of_the_gap_that_the_old_one_left(kit: StoreKit, reaping: Reaping, lead: Lead):
    claim = kit.claimed()
    kit.client.call("DEL", kit.keys.leader(NAME))
    kit.advance(120_000)
    assert Reaper(kit.store, lead(kit, NAME, "two")).run_once().done == 0
    assert kit.state(claim.id) is State.ACTIVE


LOST = "the store has lost what it held: it was emptied, or came back without its file"


def answers(kit: StoreKit) -> bool:
    try:
        return bool(kit.client.call("PING"))
    except StoreUnavailable:
        return False


def test_a_store_that_comes_back_empty_is_said_to_be_once(config, make_runner: MakeRunner, caplog):
    with TestServer() as server, store_kit(server.url, config) as kit:
        make_runner(Plan(NAME, 0.02, Reaper), url=server.url)
        wait_until(kit.keeper.has_ticked)
        assert LOST not in caplog.text
        server.restart()
        wait_until(lambda: caplog.text.count(LOST) == 1)
        wait_until(lambda: answers(kit))
        kit.client.call("FLUSHALL")
        wait_until(lambda: caplog.text.count(LOST) == 2)


def test_an_unreadable_active_job_goes_where_a_person_finds_it(kit: StoreKit, reaping: Reaping):
    broken, whole = kit.claimed(), kit.claimed()
    kit.client.call("HSET", kit.keys.metadata, broken.id, b"\xc1garbage")
    assert reaping.after(LEASE_MS + PERIOD_MS) == 2
    assert kit.state(whole.id) is State.RETRYING
    assert kit.client.call("ZRANGE", kit.keys.dlq, 0, -1) == [broken.id.encode()]


def test_the_periods_are_those_of_the_configuration(make_kit: Callable[..., StoreKit], lead: Lead):
    kit = make_kit(reaper_seconds=1.0, lease_seconds=3.0, heartbeat_seconds=1.0)
    store: Store = kit.store
    reaper = Reaper(store, lead(kit, NAME))
    reaper.run_once()
    claim = kit.claimed()
    for _ in range(4):
        kit.advance(1000)
        reaper.run_once()
    assert kit.state(claim.id) is State.RETRYING
