"""Faults under load, one after the other: nothing is lost, nothing recorded twice, and all goes on by itself."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.faults.ground import Ground
from tests.faults.scenarios import SCENARIOS

SHORT = (
    "a worker is killed", "a pool is killed", "connections are reset", "the network is cut in two",
    "the server is killed", "the server restarts", "the server hangs",
    "READONLY", "OOM", "MISCONF", "NOAUTH", "NOREPLICAS", "too many clients",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_faults_lose_nothing_and_are_over_when_their_causes_are() -> None:
    with Ground(pace=0.25) as ground:
        refusals = [0]
        for name in SHORT:
            SCENARIOS[name].inject(ground, 1)
            refusals.append(ground.load.refusals)
        account = ground.end()
    assert account.is_clean, account
    assert account.completed == account.accepted > 1000
    assert account.open >= account.claimed > 0
    refused = {name for name, (before, after) in zip(SHORT, pairwise(refusals), strict=True) if after > before}
    assert refused >= {"the server restarts", "READONLY", "OOM", "MISCONF", "NOAUTH", "NOREPLICAS", "too many clients"}
