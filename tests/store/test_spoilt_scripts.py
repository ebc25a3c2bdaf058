"""Whatever key of a script holds something else: no job is lost by it, at any point of any transition.

Each case runs once for each key it is given; while the script runs, that key is of a kind that no key is meant to be.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from jobs.conf import Config
from jobs.errors import StoreSpoilt
from jobs.states import State
from jobs.store import codec, scripts
from jobs.types import Priority
from tests.store.cases import CASES, Case, taken
from tests.store.stage import Stage
from tests.support.jobs import StoreKit, store_kit

EVERY = {
    **CASES,
    "claim past an unreadable one": Case(
        lambda s: (
            s.kit.enqueue("bad"),
            s.kit.enqueue("the-job"),
            s.kit.client.call("HSET", s.kit.keys.metadata, "bad", b"\xc1"),
        ),
        lambda s: taken(s.kit.claim(s.worker, 5)),
    ),
    "claim past a paused type": Case(
        lambda s: (s.kit.enqueue("apart"), s.kit.enqueue("the-job", type="u"), s.kit.type_pauses.pause("echo")),
        lambda s: taken(s.kit.claim(s.worker, 5)),
    ),
}
DERIVED = {"held:": "echo", "tag:": "t", "types": ":echo"}  # what scripts put behind a key themselves


class Spoiling:
    """A channel or client that puts a set in the place of one key of a script while its next run lasts."""

    def __init__(self, inner: Any, kit: StoreKit, script: str, at: int) -> None:
        self._inner = inner
        self._kit = kit
        self._script = script
        self._at = at
        self.keys = 0

    def run(self, name: str, keys: Any, args: Any = (), *more: Any) -> Any:
        """Run a script, spoilt if it is the one."""
        if name != self._script or self.keys:
            return self._inner.run(name, keys, args, *more)
        every = list(self._with_derived(keys))
        self.keys = len(every)
        key, aside = every[self._at], f"aside:{self._at}"
        call = self._kit.client.call
        there = call("EXISTS", key)
        if there:
            call("RENAME", key, aside)
        call("SADD", key, "foreign")
        try:
            return self._inner.run(name, keys, args, *more)
        finally:
            call("DEL", key)
            if there:
                call("RENAME", aside, key)

    def _with_derived(self, keys: Any) -> Iterator[str]:
        for key in keys:
            yield key
            for end, more in DERIVED.items():
                if key.endswith(end):
                    yield key + more

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def members(kit: StoreKit, *indexes: str) -> set[bytes]:
    """What stands in some indexes."""
    found: set[bytes] = set()
    for index in indexes:
        found |= set(kit.client.call("ZRANGE", index, 0, -1))
    return found


def astray(kit: StoreKit) -> list[tuple[bytes, str]]:
    """The jobs that have a record and are not in the index of their state."""
    keys = kit.keys
    lines = [keys.pending("default", priority) for priority in Priority]
    waiting = members(kit, *lines, keys.held("echo"))
    standing: dict[State | None, set[bytes]] = {
        State.PENDING: waiting,
        State.SCHEDULED: members(kit, keys.scheduled),
        State.RETRYING: members(kit, keys.retrying),
        State.ACTIVE: members(kit, keys.active),
        State.COMPLETED: members(kit, keys.completed),
        State.CANCELLED: members(kit, keys.cancelled),
        State.DEAD: members(kit, keys.dlq),
        None: members(kit, *lines, keys.active, keys.dlq),  # who meets an unreadable one there sets it aside
    }
    packed: list[bytes] = kit.client.call("HGETALL", keys.metadata)
    found = []
    for job_id, blob in zip(packed[::2], packed[1::2], strict=True):
        record = codec.readable_record("a job", blob)
        if job_id not in standing[record.state if record else None]:
            found.append((job_id, record.state.label if record else "unreadable"))
    return found


def leaves_all(url: str, config: Config, name: str, at: int) -> int:
    """Run a case with one key spoilt, prove that no job is lost, and say how many keys there are to spoil."""
    case, script = EVERY[name], name.partition(" ")[0]
    with store_kit(url, replace(config, prefix=f"{at}:")) as kit:
        stage = Stage(kit)
        case.prepare(stage)
        before = set(kit.client.call("HKEYS", kit.keys.metadata))
        spoiling = [Spoiling(part._inner, kit, script, at) for part in (stage.client, stage.channel)]
        stage.client._inner, stage.channel._inner = spoiling  # type: ignore[assignment]
        with suppress(StoreSpoilt):
            case.call(stage)
        after = set(kit.client.call("HKEYS", kit.keys.metadata))
        assert astray(kit) == [], f"key {at} of {name}"
        if not name.startswith("delete") and "retention" not in name:
            assert before <= after, f"key {at} of {name}"
        return max(part.keys for part in spoiling)


def test_every_script_that_writes_is_run_with_spoilt_keys() -> None:
    writing = {name for name in scripts.names() if b"no-writes" not in scripts.load(name).source.split(b"\n")[0]}
    assert {name.partition(" ")[0] for name in EVERY} == writing


@pytest.mark.parametrize("name", EVERY)
def test_no_key_of_a_script_can_lose_a_job(store_url: str, config: Config, name: str) -> None:
    at, count = 0, 1
    while at < count:
        count = leaves_all(store_url, config, name, at)
        assert count > at
        at += 1
