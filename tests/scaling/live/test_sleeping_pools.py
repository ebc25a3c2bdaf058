"""Pools without workers are known by their supervisors: they get a policy, and wake for the first job."""

from __future__ import annotations

import pytest

from jobs.conf import Config
from jobs.maintenance.leadership import Leadership
from scaling.models import ScalingDecision, ScalingPolicy
from scaling.scaler import NAME, Scaler
from tests.support.jobs import StoreKit, store_kit

from .heirs import LONG


@pytest.fixture
def kit(store_url: str, config: Config, transactional_db: None):
    """Give a store of which nothing is known."""
    with store_kit(store_url, config) as made:
        yield made


@pytest.fixture
def scaler(kit: StoreKit) -> Scaler:
    """Give a scaler in office."""
    leadership = Leadership(kit.keeper, NAME, "tester", LONG)
    assert leadership.keep()
    return Scaler(kit.store, leadership)


def decided(kit: StoreKit, scaler: Scaler) -> ScalingDecision:
    kit.advance(4000)
    scaler.run_once()
    return ScalingDecision.objects.latest("at", "id")


def test_a_pool_that_began_without_workers_gets_a_policy_and_wakes_for_its_first_job(kit, scaler):
    kit.store.registry.join_pool("mail", "host", 4, 0, ("mail",))
    kit.enqueue(queue="mail")
    decision = decided(kit, scaler)
    assert (decision.pool, decision.action, decision.current, decision.inputs["waiting"]) == ("mail", "scale_up", 0, 1)
    assert kit.store.registry.desired() == {"mail": decision.target}
    assert ScalingPolicy.objects.get(pool="mail").version == 1


def test_a_pool_sees_no_queue_that_nobody_said_it_serves(kit, scaler):
    kit.enqueue_many(500)
    kit.store.registry.join_pool("mail", "host", 4, 0, ("mail",))
    decision = decided(kit, scaler)
    assert (decision.pool, decision.inputs["waiting"]) == ("mail", 0)


def test_a_pool_whose_queues_nobody_knows_is_held_as_it_is(kit, scaler):
    kit.enqueue_many(500)
    kit.store.registry.join_pool("mail", "host", 4)
    decision = decided(kit, scaler)
    assert (decision.action, decision.target, decision.guard) == ("hold", 0, "missing_input")
    assert decision.reason == "Nobody has said which queues the pool serves: it is left as it is."
    assert "mail" not in kit.store.registry.desired()
