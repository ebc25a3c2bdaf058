"""Schedules with a past, as pages show them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobs.clock import to_datetime
from schedules.models import Schedule, Tick

HOUR = timedelta(hours=1)
Make = Callable[..., Schedule]


@pytest.fixture
def make(api) -> Make:
    """Return a function that makes a schedule over the API; what else is given is written into its row."""

    def make_one(name: str = "nightly", *, row: dict[str, Any] | None = None, **body: Any) -> Schedule:
        answer = api.post("/schedules", {"name": name, "type": "report", "cron": "0 3 * * *"} | body)
        assert answer.status_code == 201, answer.content
        Schedule.objects.filter(name=name).update(**(row or {}))
        return Schedule.objects.get(name=name)

    return make_one


def ticked(schedule: Schedule, outcome: str, hours: int = 1, **facts: Any) -> Tick:
    """A tick of some hours ago, which is the last one unless others are made that are later."""
    at = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - hours * HOUR
    tick = Tick(schedule=schedule, at=at, outcome=outcome, recorded_at=at + timedelta(milliseconds=40))
    for name, value in facts.items():
        setattr(tick, name, value)
    tick.save()
    if schedule.last_at is None or schedule.last_at < at:
        schedule.last_at, schedule.last_outcome = at, outcome
        schedule.last_job_id, schedule.last_detail = tick.job_id, tick.detail
        schedule.save()
    return tick


def ago(kit: Any, **length: float) -> datetime:
    """A moment so long before the store's now."""
    return to_datetime(kit.store.reader.now_ms()) - timedelta(**length)
