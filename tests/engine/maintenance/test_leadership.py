"""One leader a duty; a lost leader writes nothing and stops acting before another can lead."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jobs.errors import StoreUnavailable
from jobs.maintenance.crew import holder_name
from jobs.maintenance.leadership import USUAL, Leadership, Terms
from jobs.states import State
from jobs.store.fencing import NotLeading
from jobs.store.store import Store
from tests.support.jobs import StoreKit, failed

from .clock import HandClock
from .conftest import Lead, depose


def test_only_one_candidate_leads(kit: StoreKit, lead: Lead):
    lead(kit, "reaper", "one")
    assert not Leadership(kit.keeper, "reaper", "two").keep()


def test_who_resigns_is_followed_at_once(kit: StoreKit, lead: Lead):
    first = lead(kit, "reaper", "one")
    first.resign()
    assert not first.leading
    lead(kit, "reaper", "two")


def test_the_lease_runs_out_by_itself(kit: StoreKit, lead: Lead):
    lead(kit, "promoter", terms=Terms(lease=1.2))
    assert 0 < kit.client.call("PTTL", kit.keys.leader("promoter")) <= 1200


def test_a_dead_leader_is_followed_within_five_seconds():
    assert USUAL.lease + USUAL.retry < 5
    assert USUAL.renew * 3 < USUAL.lease, "one late renewal costs no term"


def test_the_leader_of_a_duty_has_a_name(kit: StoreKit, lead: Lead):
    lead(kit, "reaper", "host-1.abc")
    assert kit.keeper.leaders(["reaper", "pruner"]) == {"reaper": "host-1.abc"}


def test_a_name_that_begins_like_another_is_somebody_else(kit: StoreKit, lead: Lead):
    assert ":" not in holder_name("host:1")
    lead(kit, "reaper", "host-1")
    assert not Leadership(kit.keeper, "reaper", "host").keep()


def test_renewing_is_left_until_it_is_time(kit: StoreKit, lead: Lead):
    clock = HandClock()
    leadership = lead(kit, "reaper", clock=clock)
    depose(kit, "reaper")
    lead(kit, "reaper", "two")
    clock.seconds += 0.9
    assert leadership.keep(), "nothing was asked"
    clock.seconds += 0.2
    assert not leadership.keep()


def test_a_leader_that_cannot_renew_stops_before_its_lease_lapses(kit: StoreKit, lead: Lead, config):
    clock = HandClock()
    away = Store.open(replace(config, redis_url="redis://127.0.0.1:1/0"))
    leadership = lead(kit, "reaper", clock=clock)
    leadership._keeper = away.keeper
    for _ in range(3):
        clock.seconds += 1.2
        with pytest.raises(StoreUnavailable):
            leadership.keep()
        assert leadership.leading
    clock.seconds += 0.3
    assert not leadership.leading
    with pytest.raises(NotLeading):
        _ = leadership.token


def test_a_deposed_leader_writes_nothing(kit: StoreKit, lead: Lead):
    duties = ("promoter", "reaper", "pruner")
    stale = {duty: lead(kit, duty).token for duty in duties}
    for duty in duties:
        depose(kit, duty)
        lead(kit, duty, "two")
    scheduled, claim = kit.enqueue(delay_ms=1), kit.claimed()
    kit.advance(60_000)
    with pytest.raises(NotLeading):
        kit.keeper.promote("promoter", stale["promoter"], kit.keeper.due_scheduled(10).jobs)
    with pytest.raises(NotLeading):
        kit.keeper.tick("reaper", stale["reaper"], 5000, 30_000)
    with pytest.raises(NotLeading):
        kit.keeper.reap("reaper", stale["reaper"], [failed(claim)])
    with pytest.raises(NotLeading):
        kit.operator.delete([scheduled], duty="pruner", token=stale["pruner"])
    with pytest.raises(NotLeading):
        kit.keeper.quarantine("pruner", stale["pruner"], kit.keys.scheduled, [(scheduled, b"")])
    assert kit.states([scheduled, claim.id]) == [State.SCHEDULED, State.ACTIVE]
