"""Every script may arrive twice because a reply was lost: the effect happens once, and the caller learns what it was.

Each case runs in two stores, once undisturbed and once with the reply lost and the call repeated; both must end alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from jobs.auditor import audit
from jobs.conf import Config
from jobs.errors import StoreUnavailable
from jobs.states import State
from jobs.store import scripts
from jobs.store.consumer import Consumer
from jobs.types import Claim
from tests.store.cases import CASES, Case, taken
from tests.store.stage import Stage
from tests.support.breaking import Losing
from tests.support.jobs import StoreKit, completed, store_kit


@contextmanager
def stage_of(url: str, config: Config, prefix: str) -> Iterator[Stage]:
    """A stage below a prefix of its own."""
    with store_kit(url, replace(config, prefix=prefix)) as kit:
        yield Stage(kit)


def digest(kit: StoreKit) -> dict[str, object]:
    """The whole store without what differs between two runs: instants, stamps and kept answers."""
    prefix = kit.keys.prefix
    sizes = {}
    for name in kit.client.call("KEYS", f"{prefix}*"):
        key = name.decode().removeprefix(prefix)
        kind = kit.client.call("TYPE", name)
        count = {"zset": "ZCARD", "hash": "HLEN", "list": "LLEN"}.get(
            kind.decode() if isinstance(kind, bytes) else kind
        )
        if count and not key.startswith(("series:", "types:")):  # whose fields are buckets of waits that really passed
            sizes[key] = kit.client.call(count, name)
    record = kit.reader.records(["the-job"])[0]
    job = None
    if record:
        job = (record.state, record.attempts, record.executions, record.releases, record.snoozes, record.size,
               record.version, record.cancelling)  # fmt: skip
    return {"sizes": sizes, "totals": kit.reader.totals(), "gauges": kit.reader.gauges(), "job": job}


def test_every_script_that_writes_has_a_case() -> None:
    writing = {name for name in scripts.names() if b"no-writes" not in scripts.load(name).source.split(b"\n")[0]}
    assert {name.split(" ")[0] for name in CASES} == writing


@pytest.mark.parametrize("name", CASES)
def test_a_lost_reply_changes_nothing(store_url: str, config: Config, name: str) -> None:
    case = CASES[name]
    with stage_of(store_url, config, "undisturbed:") as calm, stage_of(store_url, config, "disturbed:") as shaken:
        for stage in (calm, shaken):
            case.prepare(stage)
        expected = case.call(calm)
        shaken.lose(name.partition(" ")[0])
        with pytest.raises(StoreUnavailable):
            case.call(shaken)
        assert len(shaken.client.lost + shaken.channel.lost) == 1
        answer = repeat(shaken, case)
        assert answer == (expected if case.repeated is None else case.repeated)
        assert digest(shaken.kit) == digest(calm.kit)
        if name != "quarantine":
            assert audit(shaken.kit.store).clean


def repeat(stage: Stage, case: Case) -> object:
    """Do what a caller does that had no answer."""
    if stage.worker.unanswered:
        answer = stage.worker.repeat()
        if answer and isinstance(answer[0], Claim):
            return taken(answer)
        return answer
    return case.call(stage)


def test_a_worker_that_was_not_answered_may_ask_nothing_else_first(kit: StoreKit) -> None:
    stage = Stage(kit)
    stage.claimed()
    stage.lose("complete")
    with pytest.raises(StoreUnavailable):
        stage.worker.complete([completed(stage.claim)])
    with pytest.raises(RuntimeError, match="repeat it first"):
        kit.claim(stage.worker)
    stage.worker.repeat()
    with pytest.raises(RuntimeError, match="every request was answered"):
        stage.worker.repeat()
    assert kit.claim(stage.worker) == []


def test_a_request_that_never_arrived_is_carried_out_by_its_repeat(kit: StoreKit) -> None:
    worker = kit.worker()
    claim = kit.claimed(worker)

    class Deaf(Losing):
        """Loses the request instead of the reply."""

        def run(self, name: str, keys: Any, args: Any = ()) -> Any:
            if self._losing == name:
                self._losing = ""
                raise StoreUnavailable("the request was lost")
            return self._inner.run(name, keys, args)

    worker._channel = deaf = Deaf(worker._channel)  # type: ignore[assignment]
    deaf.lose("complete")
    with pytest.raises(StoreUnavailable):
        worker.complete([completed(claim)])
    assert kit.state(claim.id) is State.ACTIVE
    assert worker.repeat() == [0]
    assert kit.state(claim.id) is State.COMPLETED


def test_two_channels_of_one_worker_keep_their_answers_apart(kit: StoreKit) -> None:
    claims = kit.worker("w")
    settles = Consumer(kit.client.channel(), kit.keys, "w", claims._incarnation, "s", kit.limits)
    claim = kit.claimed(claims)
    assert settles.complete([completed(claim)]) == [0]
    assert kit.claim(claims) == []
