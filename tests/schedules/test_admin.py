"""Schedules in the admin: the same rules as everywhere, on record, never written over."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from django.contrib import admin as admins
from django.contrib.auth.models import Group, Permission, User
from django.contrib.messages import get_messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from jobs.clock import to_datetime
from jobs.errors import StoreUnavailable
from jobs.handlers import handler, registry
from jobs.models import AuditEntry
from schedules import service
from schedules.admin import ScheduleAdmin
from schedules.models import Schedule

from .office import ANN

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


def posted(path: str, form: dict[str, Any]) -> Any:
    """A request of the admin, past all middleware."""
    request = RequestFactory().post(path, form)
    vars(request).update(
        user=User.objects.get(username="Admin"), _dont_enforce_csrf_checks=True, _messages=CookieStorage(request)
    )
    return request


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


def test_one_that_cannot_be_read_stays_paused_and_costs_no_other_its_resumption(admin, office):
    made = [office.make(name) for name in ("a", "b", "c")]
    Schedule.objects.update(paused=True)
    Schedule.objects.filter(name="b").update(cron="every day")
    chosen = {"action": "resume", "_selected_action": [each.pk for each in made]}
    page = admin.post(PLACE, chosen, follow=True)
    assert "Not done: b has no ticks, not a cron expression" in page.content.decode()
    assert list(Schedule.objects.values_list("name", "paused")) == [("a", False), ("b", True), ("c", False)]


def test_words_that_may_quote_a_payload_are_not_for_who_may_not_see_it(admin, office):
    made, due = office.make(payload='{"password": "hunter2-and-more"}'), to_datetime(1_772_000_000_000)
    words = {"last_outcome": "refused", "last_detail": "ValueError: hunter2-and-more"}
    Schedule.objects.update(last_at=due, **words)
    made.ticks.create(at=due, outcome="refused", detail=words["last_detail"], recorded_at=due)
    place = f"{PLACE}{made.pk}/change/"
    page = visitor("deputy", "administer", "edit_payload").get(place).content.decode()
    assert ("refused" in page, "hunter2" in page) == (True, False)
    assert admin.get(place).content.decode().count("ValueError: hunter2-and-more") == 2


def test_a_refusal_does_not_quote_a_payload_that_one_may_not_see(admin, office):
    made = office.make(payload='"hunter2-and-more"')

    @handler("report")
    def run(payload: Literal["fine"]) -> None:
        """Nothing."""

    form = {name: value for name, value in FORM.items() if name != "payload"} | {"seen_version": 1}
    try:
        page = visitor("deputy", "administer").post(f"{PLACE}{made.pk}/change/", form)
    finally:
        registry.remove("report")
    said = page.content.decode()
    assert ("not what the handler takes now" in said, "hunter2" in said) == (True, False)


def test_a_payload_with_several_lines_stays_as_it_is_byte_for_byte(admin, office):
    made = office.make(payload='{\n "a": 1\n}\n')
    form = FORM | {"payload": '{\r\n "a": 1\r\n}\r\n', "queue": "mail", "seen_version": 1}
    assert admin.post(f"{PLACE}{made.pk}/change/", form).status_code == 302
    made.refresh_from_db()
    assert (made.queue, made.payload) == ("mail", '{\n "a": 1\n}\n')
    assert "payload" not in AuditEntry.objects.get(actor="Admin").detail


class Slow(ScheduleAdmin):
    """Somebody else changes the schedule between the check of a form and its change."""

    def save_model(self, request: Any, obj: Schedule, form: Any, change: bool) -> None:
        Schedule.objects.update(version=2)
        super().save_model(request, obj, form, change)


def test_who_was_slower_after_the_check_is_told(admin, office):
    made = office.make()
    place = f"{PLACE}{made.pk}/change/"
    request = posted(place, FORM | {"queue": "mail", "seen_version": 1})
    answer = Slow(Schedule, admins.site).changeform_view(request, str(made.pk))
    assert (answer.status_code, answer.url) == (302, place)
    [said] = get_messages(request)
    assert "has changed meanwhile" in str(said)
    assert Schedule.objects.get().queue == ""


def test_neither_lists_nor_deletions_read_all_there_is(admin, office):
    made = office.make(payload='"large"')
    tick = made.ticks.create(at=made.since, outcome="enqueued", recorded_at=made.since)
    with CaptureQueriesContext(connection) as queries:
        page = admin.get(PLACE)
    assert "report" in page.content.decode()
    assert not any('"payload"' in each["sql"] for each in queries)
    chosen = {"action": "delete_selected", "_selected_action": [made.pk]}
    for page in (admin.get(f"{PLACE}{made.pk}/delete/"), admin.post(PLACE, chosen)):
        said = page.content.decode()
        assert ("report" in said, str(tick) in said) == (True, False)


def test_one_that_somebody_else_has_deleted_is_no_reason_to_fail(admin, office):
    office.make("other")
    gone = list(Schedule.objects.values_list("name", flat=True))
    service.delete("other", ANN)
    request = posted(PLACE, {})
    Slow(Schedule, admins.site)._each(request, gone, service.delete)
    assert [str(said) for said in get_messages(request)] == ["There is no schedule other any more."]
