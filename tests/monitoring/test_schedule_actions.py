"""What people do with schedules on their pages, and who may."""

from __future__ import annotations

import re

from jobs.models import AuditEntry
from schedules.models import Schedule
from tests.monitoring.people import submit
from tests.monitoring.scaling_fixtures import words
from tests.monitoring.schedule_fixtures import make

__all__ = ["make"]
HERE = "/schedules/"


def shown_by(page) -> str:
    """The address that the message of a page leads to."""
    [found] = re.findall(r'<a href="(/jobs/\w+/)">Show it</a>', page.content.decode())
    return str(found)


def test_an_operator_pauses_and_resumes_with_an_undo(make, person):
    make()
    client = person()
    page = submit(client, client.get(HERE), f"{HERE}nightly/pause/", next=HERE)
    assert page.redirect_chain[0][0] == HERE
    assert "Paused nightly." in words(page)
    assert f'data-undo="{HERE}nightly/resume/"' in page.content.decode()
    assert Schedule.objects.get().paused
    page = submit(client, client.get(f"{HERE}nightly/"), f"{HERE}nightly/resume/")
    assert page.redirect_chain[0][0] == f"{HERE}nightly/"
    assert not Schedule.objects.get().paused
    actions = AuditEntry.objects.order_by("id").values_list("action", "actor")
    assert list(actions)[-2:] == [("schedule.pause", "ada"), ("schedule.resume", "ada")]


def test_run_now_enqueues_and_leads_to_the_job(make, kit, person):
    make(queue="reports", payload={"days": 1})
    client = person()
    page = submit(client, client.get(HERE), f"{HERE}nightly/run/", next=HERE)
    job_id = shown_by(page).split("/")[2]
    assert "nightly: report is pending on reports." in words(page)
    assert kit.envelope(job_id).payload == b'{"days": 1}'


def test_a_run_that_would_overlap_is_refused_in_words(make, person):
    make(overlap="skip")
    client = person()
    first, again = (submit(client, client.get(HERE), f"{HERE}nightly/run/") for _ in range(2))
    assert "nightly was not run: its jobs must not overlap" in words(again)
    assert shown_by(again) == shown_by(first)


def test_a_viewer_has_no_buttons_and_is_refused(make, kit, person):
    make()
    client = person("Viewer")
    for address in (HERE, f"{HERE}nightly/"):
        page = client.get(address).content.decode()
        assert not re.search(r"nightly/(run|pause|edit|delete)/|schedules/new/", page)
    page = client.get(HERE)
    for verb in ("run", "pause", "resume", "edit", "delete"):
        assert submit(client, page, f"{HERE}nightly/{verb}/").status_code == 403
    assert "created" not in kit.store.reader.totals()
    assert not Schedule.objects.get().paused


def test_an_operator_may_not_change_what_is_enqueued(make, person):
    make()
    client = person()
    page = client.get(f"{HERE}nightly/").content.decode()
    assert f'action="{HERE}nightly/run/"' in page
    assert "nightly/edit/" not in page
    for address in (f"{HERE}new/", f"{HERE}nightly/edit/", f"{HERE}nightly/delete/"):
        assert client.get(address).status_code == 403
