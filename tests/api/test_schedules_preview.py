"""What an expression means, before there is a schedule of it."""

from __future__ import annotations

import pytest

from jobs.clock import isoformat
from schedules.models import Schedule
from tests.api.conftest import ONE_WAY, problem

pytestmark = ONE_WAY  # behind both lies the same endpoint


def test_an_expression_is_explained_with_its_next_ticks(api, kit):
    seen = api.post("/schedules/preview", {"cron": "0 */6 * * *", "count": 20}).json()
    assert seen["explained"] == "At minute 0 past every sixth hour"
    assert len(seen["ticks"]) == 20
    assert isoformat(kit.reader.now_ms()) < seen["ticks"][0]
    assert {tick[11:] for tick in seen["ticks"]} == {f"{hour:02}:00:00.000Z" for hour in (0, 6, 12, 18)}
    assert len(api.post("/schedules/preview", {"cron": "@daily"}).json()["ticks"]) == 5
    assert not Schedule.objects.exists()


@pytest.mark.parametrize(
    ("zone", "after", "ticks"),
    [
        ("Europe/Berlin", "2026-03-28T12:00:00Z", ["2026-03-29T01:00:00.000Z", "2026-03-30T00:30:00.000Z"]),
        ("Europe/Berlin", "2026-03-28T12:00:00+02:00", ["2026-03-29T01:00:00.000Z", "2026-03-30T00:30:00.000Z"]),
        ("Europe/Berlin", "2026-10-24T12:00:00Z", ["2026-10-25T00:30:00.000Z", "2026-10-26T01:30:00.000Z"]),
        ("UTC", "9999-12-30T12:00:00Z", ["9999-12-31T02:30:00.000Z"]),
        ("UTC", "1900-01-01T00:00:00Z", ["1970-01-01T02:30:00.000Z", "1970-01-02T02:30:00.000Z"]),
    ],
)
def test_a_preview_can_begin_at_any_time(api, kit, zone, after, ticks):
    body = {"cron": "30 2 * * *", "timeZone": zone, "count": 2, "after": after}
    assert api.post("/schedules/preview", body).json()["ticks"] == ticks


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"cron": "x"}, "cron"),
        ({"cron": "0 0 30 2 *"}, "cron"),
        ({"timeZone": "Mars/Olympus"}, "timeZone"),
        ({"count": 0}, "count"),
        ({"count": 21}, "count"),
        ({"after": "2026-03-28T12:00:00"}, "after"),
        ({"after": "2026-03-28 12:00"}, "after"),
        ({"after": 1_772_000_000}, "after"),
        ({"after": "tomorrow"}, "after"),
        ({"name": "nightly"}, "name"),
    ],
)
def test_a_preview_is_asked_for_as_strictly(api, kit, wrong, field):
    refusal = problem(api.post("/schedules/preview", {"cron": "@daily"} | wrong), 422, "invalid")
    assert [error["field"] for error in refusal["errors"]] == [field]


def test_preview_is_no_name(api, kit):
    assert api.get("/schedules/preview").status_code == 405
