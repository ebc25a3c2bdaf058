"""To how many workers a pool may grow: what its living supervisors say."""

from __future__ import annotations

from jobs.store.registry import SUPERVISOR_SILENT_MS
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


def test_a_pool_that_obeys_has_what_is_desired_and_what_each_supervisor_keeps(kit: StoreKit) -> None:
    registry = kit.store.registry
    registry.join_pool("mail", "gone", 9, 9)
    kit.advance(5_001)
    registry.join_pool("mail", "a", 6, 3)
    registry.join_pool("mail", "b", 6)
    assert [registry.obeying("mail", desired) for desired in (0, 3, 4, 7, 8, 20)] == [3, 4, 5, 7, 8, 12]
    assert registry.obeying("unknown", 4) == 0
    assert kit.client.call("HKEYS", kit.keys.supervisor_floors("mail")) == [b"a", b"b"]
    registry.leave_pool("mail", "a")
    assert kit.client.call("HKEYS", kit.keys.supervisor_floors("mail")) == [b"b"]


def test_pools_that_a_supervisor_speaks_for_are_known_with_their_queues(kit: StoreKit):
    registry = kit.store.registry
    registry.join_pool("gone", "x", 9, 0, ("old",))
    kit.advance(SUPERVISOR_SILENT_MS + 1)
    registry.join_pool("mail", "a", 6, 0, ("mail", "news"))
    registry.join_pool("mail", "b", 6, 0, ("mail", "bills"))
    registry.join_pool("silent", "c", 6)
    assert registry.spoken_for() == {"mail": {"mail", "news", "bills"}, "silent": frozenset()}
    registry.leave_pool("mail", "b")
    assert registry.spoken_for()["mail"] == {"mail", "news"}


def test_a_spoilt_key_costs_only_its_own_pool_what_it_says(kit: StoreKit):
    registry = kit.store.registry
    registry.join_pool("mail", "a", 6, 0, ("mail",))
    registry.join_pool("other", "b", 6, 0, ("bills",))
    kit.client.call("DEL", kit.keys.supervisor_queues("mail"))
    kit.client.call("SET", kit.keys.supervisor_queues("mail"), "foreign")
    assert registry.spoken_for() == {"mail": frozenset(), "other": {"bills"}}
    kit.client.call("DEL", kit.keys.pools_heard)
    kit.client.call("SET", kit.keys.pools_heard, "foreign")
    assert registry.spoken_for() == {}
