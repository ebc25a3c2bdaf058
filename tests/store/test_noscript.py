"""A server that forgot the scripts (restart, SCRIPT FLUSH, failover) is given their source, also in pipelines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from jobs.auditor import audit
from jobs.store import scripts
from jobs.store.channel import Channel
from jobs.store.client import Client
from jobs.store.packing import Arg
from tests.store.cases import CASES
from tests.store.stage import Stage
from tests.support.jobs import StoreKit


class Forgetful:
    """A channel or client whose server has forgotten all scripts before every call."""

    def __init__(self, inner: Channel | Client) -> None:
        self._inner = inner

    def run(self, name: str, keys: Sequence[Arg], args: Sequence[Arg] = (), *more: Any) -> Any:
        """Run the script after a flush."""
        self._inner.call("SCRIPT", "FLUSH")
        return self._inner.run(name, keys, args, *more)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


@pytest.mark.parametrize("name", CASES)
def test_a_forgotten_script_is_sent_again(kit: StoreKit, name: str) -> None:
    stage = Stage(kit)
    stage.client._inner = Forgetful(kit.client)
    stage.channel._inner = Forgetful(stage.channel._inner)  # type: ignore[assignment]
    case = CASES[name]
    case.prepare(stage)
    case.call(stage)
    assert name == "quarantine" or audit(kit.store).clean


def test_reading_scripts_are_sent_again(kit: StoreKit) -> None:
    kit.client.call("SCRIPT", "FLUSH")
    assert kit.keeper.due_scheduled(10).jobs == []


def test_a_pipeline_of_scripts_is_sent_again_one_by_one(kit: StoreKit) -> None:
    calls = [("desire", (f"pools {number}",), ("p", number)) for number in range(5)]
    kit.client.run(*calls[2])
    kit.client.call("SCRIPT", "FLUSH")
    assert kit.client.run_all(calls) == [1] * 5
    assert kit.client.run_all(calls) == [1] * 5


def test_every_script_loads(kit: StoreKit) -> None:
    for name in scripts.names():
        script = scripts.load(name)
        assert kit.client.call("SCRIPT", "LOAD", script.source) == script.sha


def test_only_an_enqueue_is_refused_by_a_full_server() -> None:
    refused = {name for name in scripts.names() if scripts.load(name).source.split(b"\n")[0] == b"#!lua"}
    assert refused == {"enqueue", "enqueue_one"}
