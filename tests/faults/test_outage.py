"""The store is away for a moment while jobs keep coming; `python -m tests.faults.outage` is the long form."""

from __future__ import annotations

from tests.faults import outage


def test_every_job_accepted_while_the_store_is_away_completes_once() -> None:
    figures = outage.run(3.0, 50.0, "kill")
    assert figures.faults == []
    assert set(figures.statuses) <= {"201", "202"}
    assert figures.statuses["202"] >= 100
