"""Health says when nobody decides, when a decision is overdue, and which pool does not obey."""

from __future__ import annotations

import re

import pytest

from jobs.inspection.status import GRACE_MS
from scaling.health import scaling_part
from scaling.models import ScalingPolicy
from scaling.scaler import NAME, Scaler
from tests.support.jobs import StoreKit

from .crowd import FIRST, crowd, decided


def said(kit: StoreKit) -> tuple[str, str]:
    """The status and its words."""
    part = scaling_part(kit.store)
    return part.status, part.detail


def keep_leading(kit: StoreKit, scaler: Scaler) -> None:
    """Let a scaler lead, however long its lease."""
    kit.client.call("SET", kit.keys.leader(NAME), scaler._leadership.token)


def test_a_pool_that_obeys_is_healthy(kit, scaler):
    decided(kit, scaler)
    assert said(kit) == ("healthy", "")


def test_pools_beyond_those_that_are_looked_at_are_told_of(kit, scaler, policy, monkeypatch):
    decided(kit, scaler)
    monkeypatch.setattr("scaling.health.MOST_POOLS", 1)
    ScalingPolicy(pool="other").save()
    assert said(kit) == ("degraded", "1 pool beyond the first 1 may not be decided for")


def test_a_pool_that_never_obeys_is_named_once_it_has_had_a_minute(kit, scaler):
    kit.store.registry.join_pool("default", "host", 8)
    kit.enqueue_many(151)
    assert decided(kit, scaler).target == 4
    keep_leading(kit, scaler)
    kit.advance(24_000)
    decided(kit, scaler)
    assert said(kit) == ("healthy", "")
    kit.advance(31_000)
    crowd(kit, 1)
    decided(kit, scaler)
    kit.store.registry.join_pool("default", "host", 8)
    assert kit.store.scaling.kept("default").desired == 7
    assert said(kit) == ("degraded", "pool default has 1 worker and should have 7")


def test_the_hosts_of_a_pool_may_be_too_small_or_gone(kit, scaler):
    decided(kit, scaler)
    kit.store.registry.set_desired("default", 9)
    kit.store.registry.join_pool("default", "host", 2)
    assert said(kit)[1] == "pool default has 1 worker and should have 9: its hosts can run 2 at most"


@pytest.mark.parametrize(("least", "words"), [(0, "pool default has 3 workers and should have 1"), (3, ""), (2, None)])
def test_more_workers_than_desired_are_no_trouble_where_a_host_keeps_so_many(kit, scaler, least, words):
    decided(kit, scaler)
    keep_leading(kit, scaler)
    kit.advance(61_000)
    crowd(kit, 3)
    kit.client.call("HSET", kit.keys.scaling("default"), "stretch", f"5:{kit.reader.now_ms() // 5000}")
    kit.store.registry.join_pool("default", "host", 8, least)
    assert said(kit)[1] == ("pool default has 3 workers and should have 1" if words is None else words)


@pytest.mark.parametrize("cooldown", [1.0, 30.0])
def test_a_pool_that_never_shrinks_is_said_although_it_is_decided_for_anew(kit, scaler, policy, cooldown):
    policy(cooldown_down=cooldown)
    crowd(kit, 6)
    kit.store.registry.set_desired("default", 6)
    found = []
    for _ in range(26):
        decided(kit, scaler)
        crowd(kit, 6)
        keep_leading(kit, scaler)
        kit.store.registry.join_pool("default", "host", 8)
        found.append(said(kit)[1])
    assert set(found[:11]) == {""}
    assert found[-1].startswith("pool default has 6 workers and should have ")
    crowd(kit, kit.store.registry.desired()["default"])
    decided(kit, scaler)
    assert said(kit)[1] == ""


def test_a_clock_that_steps_back_does_not_hide_a_pool_that_does_not_shrink(kit, scaler):
    crowd(kit, 6)
    kit.store.registry.set_desired("default", 6)
    for _ in range(10):
        decided(kit, scaler)
        crowd(kit, 6)
        keep_leading(kit, scaler)
    kit.advance(-3_600_000)
    for _ in range(8):
        decided(kit, scaler)
        crowd(kit, 6)
        keep_leading(kit, scaler)
        kit.store.registry.join_pool("default", "host", 8)
    assert said(kit)[1].startswith("pool default has 6 workers and should have ")


def test_a_strategy_that_holds_its_pool_is_said(kit, scaler, policy):
    policy(strategy="no_such.Strategy")
    made = decided(kit, scaler)
    assert said(kit) == ("degraded", f"pool default: {made.reason}")
    policy(strategy="default")
    decided(kit, scaler)
    assert said(kit)[0] == "healthy"


def test_no_leader_is_said_after_a_while(kit, scaler):
    decided(kit, scaler)
    kit.client.call("DEL", kit.keys.leader(NAME))
    assert said(kit)[0] == "healthy"
    kit.advance(GRACE_MS + 1000)
    status, words = said(kit)
    assert (status, words.startswith("no scaler has run for 2")) == ("degraded", True)


@pytest.mark.parametrize("interval", [1, 5, 300])
def test_a_decision_that_is_overdue_is_said_though_somebody_leads(kit, scaler, policy, interval):
    policy(interval=interval)
    decided(kit, scaler)
    keep_leading(kit, scaler)
    due = (kit.reader.now_ms() // (interval * 1000) + 1) * interval * 1000
    kit.advance(due + 28_000 - kit.reader.now_ms())
    crowd(kit, 1)
    assert said(kit) == ("healthy", "")
    kit.advance(10_000)
    crowd(kit, 1)
    status, words = said(kit)
    assert status == "degraded"
    assert re.fullmatch(r"pool default has not been decided for in 3[89] s", words)


def test_pools_that_are_off_or_only_tried_are_not_watched(kit, scaler, policy):
    decided(kit, scaler)
    kit.advance(120_000)
    keep_leading(kit, scaler)
    assert said(kit)[0] == "degraded"
    policy(enabled=False)
    ScalingPolicy.objects.create(pool="tried", dry_run=True, **FIRST)
    assert said(kit) == ("healthy", "no policy is to be carried out")
