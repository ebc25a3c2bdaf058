"""A worker that lost its lease writes nothing, however the job came to be somebody else's."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from jobs.auditor import audit
from jobs.states import State
from jobs.store.codes import SettleCode
from tests.store.states import QUEUE, SETTLE_VERBS, VERBS, Scene, scene, snapshot
from tests.support.jobs import StoreKit, completed, failed


def _die_and_rise(made: Scene) -> None:
    made.worker.fail([failed(made.claim, final=True)])
    made.kit.operator.retry([made.job_id])


LOSSES: dict[str, Callable[[Scene], object]] = {
    "release": VERBS["release"],
    "snooze": VERBS["snooze"],
    "park": VERBS["park"],
    "fail": VERBS["fail"],
    "reap": VERBS["reap"],
    "retry from the DLQ": _die_and_rise,
}


@pytest.fixture(params=LOSSES)
def lost(request: pytest.FixtureRequest, kit: StoreKit) -> tuple[Scene, Scene]:
    """Give the scene of the worker that lost a job and of the one that holds it now."""
    old = scene(kit, State.ACTIVE, max_retries=9)
    LOSSES[request.param](old)
    kit.operator.run_now([old.job_id])
    worker = kit.worker()
    (claim,) = kit.claim(worker, queue=QUEUE)
    assert claim.id == old.job_id
    return old, Scene(kit, claim.id, worker, claim)


@pytest.mark.parametrize("verb", SETTLE_VERBS)
def test_a_stale_token_settles_nothing(kit: StoreKit, lost: tuple[Scene, Scene], verb: str) -> None:
    old, new = lost
    before = snapshot(kit)
    assert not VERBS[verb](old)
    assert snapshot(kit) == before
    assert new.worker.complete([completed(new.claim)]) == [SettleCode.OK]
    assert audit(kit.store).clean


def test_a_stale_token_neither_renews_nor_reports(kit: StoreKit, lost: tuple[Scene, Scene]) -> None:
    old, _ = lost
    before = snapshot(kit)
    assert old.worker.renew([old.claim]) == [SettleCode.LEASE_LOST]
    assert old.worker.report([(old.claim, "50", ["a line"])]) == [SettleCode.LEASE_LOST]
    assert snapshot(kit) == before


def test_a_token_is_compared_whole(kit: StoreKit) -> None:
    made = scene(kit, State.ACTIVE)
    for token in ("", made.claim.token[:-1], made.claim.token + "0", made.claim.token.replace(".", ",")):
        forged = msgspec.structs.replace(made.claim, token=token)
        assert made.worker.complete([completed(forged)]) == [SettleCode.LEASE_LOST]
    assert made.state is State.ACTIVE
