"""kill -9 of workers under load: nothing is lost, nothing is recorded twice."""

from __future__ import annotations

import pytest

from .storm import Storm


@pytest.mark.slow
def test_every_job_completes_once_though_workers_are_killed(store_url: str) -> None:
    account = Storm(store_url, jobs=12_000, kills=4, pause=0.5).run()
    assert account.states == {"completed": 12_000}
    assert account.recorded == 12_000
    assert account.lost_seen > 0
    assert account.executions >= 12_000 + account.lost_seen
    assert account.findings == []
