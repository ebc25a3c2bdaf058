"""Faults of the server under load, each once: nothing is lost, nothing recorded twice, and all goes on by itself."""

from __future__ import annotations

import pytest

from tests.faults.ground import Ground
from tests.faults.scenarios import SCENARIOS

SHORT = ("the server is killed", "READONLY", "NOAUTH", "too many clients")


@pytest.mark.slow
@pytest.mark.parametrize("name", SHORT)
def test_a_fault_loses_nothing_and_is_over_when_its_cause_is(name: str) -> None:
    scenario = SCENARIOS[name]
    with Ground(**scenario.ground) as ground:
        scenario.do(ground, 1)
        account = ground.end()
    assert account.is_clean, account
    assert account.completed == account.accepted > 100
    assert account.refusals > 0
