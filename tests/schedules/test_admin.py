"""Schedules in the admin: the same rules as everywhere, on record, never written over."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client

from jobs.errors import StoreUnavailable
from jobs.models import AuditEntry
from schedules.models import Schedule

PLACE = "/admin/schedules/schedule/"
FORM: dict[str, Any] = {
    "name": "report", "type": "report", "payload": '{"a": 1.0}', "cron": "0 3 * * *", "time_zone": "Europe/Berlin",
    "missed": "last", "overlap": "allow", "queue": "", "priority": "", "max_retries": "", "timeout_ms": "",
    "tags": '["daily"]', "ticks-TOTAL_FORMS": 0, "ticks-INITIAL_FORMS": 0,
}  # fmt: skip


@pytest.fixture
def admin(kit, monkeypatch):
    """Give somebody who is an admin, over the kit's store."""
    monkeypatch.setattr("schedules.present.get_store", lambda: kit.store)
    return visitor("Admin")


def visitor(role: str, *rights: str) -> Client:
    user = User.objects.create_user(role, is_staff=True)
    if rights:
        user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    else:
        user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


def errors(page: Any) -> dict[str, Any]:
    """What the form of a page refuses."""
    return dict(page.context["adminform"].form.errors)


def test_a_schedule_is_made_and_changed_on_record(admin):
    assert admin.post(f"{PLACE}add/", FORM).status_code == 302
    made = Schedule.objects.get()
    assert (made.payload, made.tags, made.updated_by, made.version) == ('{"a": 1.0}', ["daily"], "Admin", 1)
    assert made.next_at is not None
    answer = admin.post(f"{PLACE}{made.pk}/change/", {**FORM, "queue": "mail", "seen_version": 1})
    assert answer.status_code == 302
    made.refresh_from_db()
    assert (made.queue, made.version) == ("mail", 2)
    entries = AuditEntry.objects.order_by("id")
    assert [(each.action, each.actor, each.target_id) for each in entries] == [
        ("schedule.create", "Admin", "report"), ("schedule.change", "Admin", "report"),
    ]  # fmt: skip
    assert entries[1].detail["changed"] == {"queue": ["", "mail"]}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"cron": "0 0 30 2 *"}, "cron"), ({"time_zone": "Berlin"}, "time_zone"), ({"payload": "{"}, "payload"),
        ({"name": "new"}, "name"), ({"queue": "A B"}, "queue"), ({"max_retries": 101}, "max_retries"),
        ({"timeout_ms": 0}, "timeout_ms"), ({"tags": '{"a": 1}'}, "tags"), ({"type": "a b"}, "type"),
        ({"missed": "some"}, "missed"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_at_its_field(admin, wrong, field):
    assert list(errors(admin.post(f"{PLACE}add/", {**FORM, **wrong}))) == [field]
    assert not Schedule.objects.exists()


def test_what_somebody_else_has_changed_is_not_written_over(admin, office):
    made = office.make(type="report")
    Schedule.objects.update(version=2)
    page = admin.post(f"{PLACE}{made.pk}/change/", {**FORM, "seen_version": 1})
    assert "has changed this schedule meanwhile" in page.content.decode()
    assert Schedule.objects.get().cron == made.cron


def test_a_name_is_given_once_and_kept(admin, office):
    made = office.make()
    assert list(errors(admin.post(f"{PLACE}add/", FORM))) == ["name"]
    admin.post(f"{PLACE}{made.pk}/change/", {**FORM, "name": "other", "seen_version": 1})
    assert Schedule.objects.get().name == "report"


def test_the_page_tells_of_ticks(admin, office):
    made = office.make()
    office.pass_to(made)
    office.run()
    [(job_id, _)] = office.jobs()
    page = admin.get(f"{PLACE}{made.pk}/change/").content.decode()
    assert job_id in page
    assert "Every minute" in page
    made.refresh_from_db()
    assert f"{made.next_at:%Y-%m-%d %H:%M:%S} UTC" in admin.get(PLACE).content.decode()


def test_selected_schedules_are_paused_resumed_and_deleted(admin, office):
    made = office.make()
    for action, paused in (("pause", True), ("resume", False)):
        admin.post(PLACE, {"action": action, "_selected_action": [made.pk]})
        made.refresh_from_db()
        assert made.paused is paused
    admin.post(PLACE, {"action": "delete_selected", "_selected_action": [made.pk], "post": "yes"})
    other = office.make("other")
    admin.post(f"{PLACE}{other.pk}/delete/", {"post": "yes"})
    assert not Schedule.objects.exists()
    assert [each.action for each in AuditEntry.objects.filter(actor="Admin").order_by("id")] == [
        "schedule.pause", "schedule.resume", "schedule.delete", "schedule.delete",
    ]  # fmt: skip


def test_who_may_not_see_payloads_changes_the_rest(admin, office):
    made = office.make(payload='{"secret": 1}')
    client = visitor("deputy", "administer")
    assert "secret" not in client.get(f"{PLACE}{made.pk}/change/").content.decode()
    form = {name: value for name, value in FORM.items() if name != "payload"}
    client.post(f"{PLACE}{made.pk}/change/", {**form, "cron": "@hourly", "seen_version": 1})
    made.refresh_from_db()
    assert (made.cron, made.payload) == ("@hourly", '{"secret": 1}')


def test_only_admins_come_in(admin, office):
    office.make()
    assert visitor("Operator").get(PLACE).status_code == 403


def test_a_schedule_can_be_made_while_no_store_runs(admin, monkeypatch):
    def gone():
        raise StoreUnavailable("nothing runs here")

    monkeypatch.setattr("schedules.present.get_store", gone)
    assert admin.post(f"{PLACE}add/", FORM).status_code == 302
    assert Schedule.objects.get().next_at is not None
