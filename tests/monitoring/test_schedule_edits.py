"""Changes of schedules by a form that say no more than somebody has typed."""

from __future__ import annotations

import pytest

from schedules.models import Schedule
from tests.monitoring.people import submit
from tests.monitoring.scaling_fixtures import words
from tests.monitoring.schedule_fixtures import make
from tests.monitoring.test_schedule_form import EDIT, fields_of

__all__ = ["make"]


def test_a_payload_that_somebody_else_has_changed_is_not_overwritten_unseen(make, api, person):
    make(payload={"days": 1})
    client = person("Admin")
    mine = fields_of(client.get(EDIT)) | {"cron": "@hourly"}
    assert api.put("/schedules/nightly", {"version": 1, "payload": {"days": 2}}).status_code == 200
    page = submit(client, client.get(EDIT), EDIT, **mine)
    assert page.status_code == 409
    assert 'Is {"days": 2} now' in words(page)
    assert fields_of(page)["payload"] == '{"days": 1}'


def test_what_a_field_cannot_say_exactly_stays_as_it_is(make, person):
    make(tags=["a, b", "c"], timeout=1_234_567)
    client = person("Admin")
    page = client.get(EDIT)
    submit(client, page, EDIT, **fields_of(page) | {"cron": "@hourly"})
    saved = Schedule.objects.get()
    assert (saved.cron, saved.tags, saved.timeout_ms) == ("@hourly", ["a, b", "c"], 1_234_567)


@pytest.mark.parametrize("version", ["9" * 5000, "9" * 20, "x", "\u0661", ""])
def test_a_version_that_is_none_is_refused(make, person, version):
    make()
    client = person("Admin")
    page = client.get(EDIT)
    page = submit(client, page, EDIT, **fields_of(page) | {"version": version, "cron": "@hourly"})
    assert page.status_code == 409
    assert Schedule.objects.get().cron == "0 3 * * *"


def test_the_time_zones_to_choose_are_those_that_are_taken(api, person):
    page = person("Admin").get("/schedules/new/").content.decode()
    assert ('value="Europe/Berlin"' in page, 'value="Factory"' in page, 'value="localtime"' in page) == (
        True, False, False,
    )  # fmt: skip
