"""To how many workers a pool may grow: what its living supervisors say."""

from __future__ import annotations

from tests.support.jobs import StoreKit


def test_a_pool_may_have_what_its_living_supervisors_can_run_together(kit: StoreKit) -> None:
    registry = kit.store.registry
    registry.join_pool("mail", "gone", 100)
    registry.join_pool("other", "left", 7)
    kit.advance(5_001)
    registry.join_pool("mail", "a", 3)
    registry.join_pool("mail", "b", 4)
    registry.join_pool("other", "right", 2)
    registry.leave_pool("other", "right")
    assert registry.most_workers(["mail", "other", "unknown"]) == {"mail": 7}


def test_a_limit_that_cannot_be_read_counts_as_none(kit: StoreKit) -> None:
    kit.store.registry.join_pool("mail", "a", 3)
    kit.store.registry.join_pool("mail", "b", 4)
    kit.client.call("HSET", kit.keys.supervisor_caps("mail"), "b", b"\xff")
    assert kit.store.registry.most_workers(["mail"]) == {"mail": 3}
    assert kit.store.registry.most_workers([]) == {}
