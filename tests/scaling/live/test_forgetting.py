"""Pools that are no more are forgotten: by people, and by the scaler after a week."""

from __future__ import annotations

import pytest

from jobs.models import AuditEntry
from jobs.store.scaling import Kept, Outcome
from scaling.forgetting import FORGET_AFTER_MS, forget_in_store
from scaling.health import scaling_part
from scaling.models import ScalingDecision, ScalingPolicy
from scaling.scaler import NAME
from tests.support.jobs import StoreKit

from .crowd import crowd, decided

DAY_MS = 86_400_000


def keys_of(kit: StoreKit, pool: str) -> set[str]:
    return {key.decode() for key in kit.client.call("KEYS", f"{kit.keys.prefix}*{pool}*")}


def swept(kit: StoreKit, scaler) -> None:
    """Let the scaler look for pools that are no more."""
    scaler._swept = 0.0
    kit.store.registry.join_pool("default", "host", 8)
    crowd(kit, 1)
    scaler.run_once()


@pytest.fixture
def old(kit, scaler):
    """Give a scaler that has decided for a pool, which then went."""
    kit.store.registry.join_pool("old", "host", 8, 1)
    kit.store.registry.set_desired("old", 2)
    kit.store.scaling.keep_model("old", b"trained")
    decided(kit, scaler)
    kit.advance(61_000)
    scaler.run_once()
    kit.advance(61_000)
    scaler.run_once()
    assert keys_of(kit, "old") > {kit.keys.scaling("old"), kit.keys.scaling_steps("old"), kit.keys.scaling_model("old")}
    return scaler


def test_nothing_is_left_of_a_pool_that_is_forgotten(kit, old):
    day = kit.reader.now_ms() // DAY_MS
    assert kit.client.call("EXISTS", kit.keys.pool_day("old", day)) == 1
    assert forget_in_store(kit.store, "old")
    assert keys_of(kit, "old") == {kit.keys.scaling("old")}
    assert 0 < kit.client.call("PTTL", kit.keys.scaling("old")) <= 10_000
    assert kit.store.registry.desired() == {"default": 1}
    assert kit.client.call("HKEYS", kit.keys.pools_heard) == []


@pytest.mark.parametrize("who", ["supervisor", "worker"])
def test_a_pool_that_lives_is_not_forgotten(kit, old, who):
    if who == "supervisor":
        kit.store.registry.join_pool("default", "host", 8)
    else:
        crowd(kit, 1)
    before = keys_of(kit, "default")
    assert not forget_in_store(kit.store, "default")
    assert keys_of(kit, "default") == before


def test_a_decision_that_was_on_its_way_brings_no_pool_back_and_an_order_does(kit, old):
    known = Kept(orders=kit.store.scaling.kept("old").orders)
    assert forget_in_store(kit.store, "old")
    for kept in (known, kit.store.scaling.kept("old")):
        assert not kit.store.scaling.record(NAME, old._leadership.token, "old", kept, Outcome("5:9", 3, b"", b""))
    assert kit.store.registry.desired() == {"default": 1}
    kit.store.scaling.order("old", {"paused": b"x"}, 2)
    assert kit.client.call("PTTL", kit.keys.scaling("old")) == -1
    kept = kit.store.scaling.kept("old")
    assert kit.store.scaling.record(NAME, old._leadership.token, "old", kept, Outcome("5:9", 3, b"", b""))


def test_after_a_week_without_a_supervisor_a_pool_as_it_began_is_forgotten(kit, old):
    assert ScalingPolicy.objects.get(pool="old").updated_by == "environment"
    kit.advance(FORGET_AFTER_MS - 200_000)
    swept(kit, old)
    swept(kit, old)
    assert ScalingPolicy.objects.filter(pool="old").exists()
    kit.advance(200_000)
    swept(kit, old)
    assert "pool old" in scaling_part(kit.store).detail
    swept(kit, old)
    assert not ScalingPolicy.objects.filter(pool="old").exists()
    assert not ScalingDecision.objects.filter(pool="old").exists()
    kit.advance(5000)
    swept(kit, old)
    assert "old" not in scaling_part(kit.store).detail
    assert not ScalingPolicy.objects.filter(pool="old").exists()
    assert kit.store.registry.desired() == {"default": 1}


def test_a_policy_that_somebody_has_changed_keeps_its_pool(kit, old):
    ScalingPolicy.objects.get(pool="old").save()
    kit.advance(FORGET_AFTER_MS)
    swept(kit, old)
    swept(kit, old)
    assert ScalingPolicy.objects.filter(pool="old").exists()
    assert "old" in kit.store.registry.desired()


def test_a_pool_that_was_heard_again_is_not_forgotten(kit, old):
    kit.advance(FORGET_AFTER_MS)
    swept(kit, old)
    kit.store.registry.join_pool("old", "host", 8)
    swept(kit, old)
    swept(kit, old)
    assert ScalingPolicy.objects.filter(pool="old").exists()


def test_a_spoilt_key_stops_no_scaler(kit, old):
    kit.client.call("DEL", kit.keys.pools_heard)
    kit.client.call("SET", kit.keys.pools_heard, "foreign")
    old._swept = 0.0
    kit.advance(5000)
    old.run_once()
    assert old._gone == set()
    assert AuditEntry.objects.count() == 0
