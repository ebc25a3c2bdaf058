"""Simulations of scaling: two at once, ten remembered, and those that run are not forgotten."""

from __future__ import annotations

import msgspec

from jobs.store.simulation import Simulation, SimulationStatus
from jobs.store.simulations import AT_ONCE, BELIEVED_MS, MOST_KEPT, VANISHED
from tests.support.jobs import StoreKit


def begun(kit: StoreKit, simulation_id: str) -> Simulation:
    """Start one."""
    now_ms = kit.reader.now_ms()
    told = Simulation(id=simulation_id, pool="p", source="", strategies=(), started_by="", created=now_ms)
    assert kit.store.simulations.open(told)
    return told


def over(kit: StoreKit, simulation_id: str) -> None:
    """Start one, and end it with a result."""
    told = msgspec.structs.replace(begun(kit, simulation_id), status=SimulationStatus.DONE)
    assert kit.store.simulations.save(told, b"{}")


def ids(kit: StoreKit) -> list[str]:
    return [simulation_id for simulation_id, _ in kit.store.simulations.latest()]


def test_the_oldest_that_is_over_is_forgotten_and_none_that_runs(kit):
    long = begun(kit, "a")
    for number in range(MOST_KEPT + 2):
        over(kit, f"b{number:02}")
    assert ids(kit) == [f"b{number:02}" for number in reversed(range(3, MOST_KEPT + 2))] + ["a"]
    assert kit.store.simulations.result("b02") == b""
    assert kit.store.simulations.save(msgspec.structs.replace(long, status=SimulationStatus.DONE), b"[]")
    assert kit.store.simulations.result("a") == b"[]"
    over(kit, "c")
    assert "a" not in ids(kit)


def test_there_is_room_for_two_and_again_when_one_is_not_heard_of(kit):
    for number in range(AT_ONCE):
        assert kit.store.simulations.has_room()
        begun(kit, f"s{number}")
    assert not kit.store.simulations.has_room()
    kit.advance(BELIEVED_MS)
    assert kit.store.simulations.has_room()
    assert [told.error for _, told in kit.store.simulations.latest() if told] == [VANISHED] * AT_ONCE


def test_the_latest_say_what_runs_and_what_cannot_be_read(kit):
    assert kit.store.simulations.latest() == []
    over(kit, "1")
    told = begun(kit, "3")
    for simulation_id, spoilt in (("0", b"{"), ("2", b'{"id":"\xff"}'), ("4", b"[]"), ("\u00e9", b"")):
        kit.client.call("HSET", kit.keys.simulations[0], simulation_id, spoilt)
    found = kit.store.simulations.latest()
    assert [simulation_id for simulation_id, _ in found] == ["\u00e9", "4", "3", "2", "1", "0"]
    assert [each and each.status for _, each in found] == [None, None, "running", None, "done", None]
    assert found[2][1] == told
