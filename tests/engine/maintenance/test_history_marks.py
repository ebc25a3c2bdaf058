"""Deploys are marks on the time axis: one where a worker has a release that none had before."""

from __future__ import annotations

import msgspec
import pytest

from jobs.maintenance.history import NAME, HistoryKeeper
from jobs.store.fencing import NotLeading
from jobs.store.registry import WorkerInfo
from tests.support.jobs import StoreKit

from .conftest import Lead, depose
from .history_kit import Recorder

BEAT = WorkerInfo(
    id="w", incarnation="i", pool="default", host="h", pid=1, queues=("default",), types=("echo",), concurrency=1
)


def test_a_change_of_release_is_a_mark(kit: StoreKit) -> None:
    recorder = Recorder(kit)

    def close(*releases: str) -> list[str]:
        for number, release in enumerate(releases):
            kit.store.registry.heartbeat(msgspec.structs.replace(BEAT, id=f"w{number}", release=release))
        recorder.close()
        kit.advance(40_000)  # what does not beat is not alive any more
        return [mark.text for mark in kit.store.history.marks(0)]

    recorder.begin()
    assert close("v1", "") == []
    assert close("v1") == []
    assert close("v1", "v2") == ["v2"]
    assert close("v2") == ["v2"]
    assert close() == ["v2"], "no worker is no deploy"
    assert close("v2") == ["v2"]
    assert close("v2") == ["v2"]
    assert close("v1") == ["v2", "v1"], "back again"
    [first, _] = kit.store.history.marks(0)
    assert first.kind == "deploy"
    assert abs(first.at_ms - kit.reader.now_ms()) < 600_000


def test_a_deposed_keeper_marks_nothing(kit: StoreKit, lead: Lead) -> None:
    leadership = lead(kit, NAME)
    duty = HistoryKeeper(kit.store, leadership)
    depose(kit, NAME)
    kit.store.registry.heartbeat(msgspec.structs.replace(BEAT, release="v1"))
    with pytest.raises(NotLeading):
        duty.run_once()
    assert kit.store.history.known(NAME) == b""


def test_what_was_known_may_be_foreign_bytes(kit: StoreKit) -> None:
    recorder = Recorder(kit)
    recorder.begin()
    kit.client.call("HSET", kit.keys.history_cursors, f"known:{NAME}", b"\xc1nonsense")
    kit.store.registry.heartbeat(msgspec.structs.replace(BEAT, release="v1"))
    recorder.close()
    assert kit.store.history.marks(0) == []
    assert list(msgspec.json.decode(kit.store.history.known(NAME))) == ["v1"]
