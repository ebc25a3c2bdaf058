"""The form of a schedule: what it sends, what it says while one types and when the API refuses."""

from __future__ import annotations

import html
import re

import pytest
from django.contrib.auth.models import Permission

from jobs.models import AuditEntry
from schedules.models import Schedule
from tests.monitoring.people import submit
from tests.monitoring.scaling_fixtures import words
from tests.monitoring.schedule_fixtures import make

__all__ = ["make"]
HERE = "/schedules/"
EDIT = f"{HERE}nightly/edit/"
EVIL = "<img src=x onerror=alert(1)>"
FIELDS = {
    "name": "nightly", "type": "report", "cron": "30 3 * * *", "timeZone": "Europe/Berlin", "payload": "{}",
    "overlap": "allow", "missed": "last",
}  # fmt: skip


def fields_of(page) -> dict[str, str]:
    """What the form of a page has in it."""
    text = page.content.decode()
    found = dict(
        re.findall(r'<input (?:class="input[^"]*" id="[^"]*"|type="hidden") name="(\w+)" value="([^"]*)"', text)
    )
    for name, options in re.findall(r'<select [^>]*name="(\w+)"[^>]*>(.*?)</select>', text):
        found[name] = next(iter(re.findall(r'value="([^"]*)" selected', options)), "")
    found["payload"] = "".join(re.findall(r"<textarea[^>]*>([^<]*)", text))
    return {name: html.unescape(value) for name, value in found.items() if name != "csrfmiddlewaretoken"}


def create(client, **fields):
    return submit(client, client.get(f"{HERE}new/"), f"{HERE}new/", **FIELDS | fields)


def problems(page) -> dict[str, str]:
    """What is said at fields, by their names."""
    found = re.findall(r'<span class="problem" id="e-(\w+)">([^<]*)', page.content.decode())
    return {name: html.unescape(said) for name, said in found}


def test_a_schedule_is_made_as_the_form_says(api, person):
    page = create(
        person("Admin"), payload='{"order": 12345678901234567890,\r\n"x": 1.0}', queue="reports", priority="high",
        maxRetries="7", timeout="90 s", tags="vip, nightly,", overlap="skip", missed="all", reason="the figures",
    )  # fmt: skip
    assert page.redirect_chain == [(f"{HERE}nightly/", 302)]
    assert "nightly is on." in words(page)
    made = Schedule.objects.get()
    assert made.payload == '{"order": 12345678901234567890,\n"x": 1.0}'
    assert (made.cron, made.time_zone, made.queue, made.priority) == ("30 3 * * *", "Europe/Berlin", "reports", "high")
    assert (made.max_retries, made.timeout_ms, made.tags) == (7, 90_000, ["vip", "nightly"])
    assert (made.overlap, made.missed, made.paused) == ("skip", "all", False)
    entry = AuditEntry.objects.get(action="schedule.create")
    assert (entry.actor, entry.reason) == ("ada", "the figures")


@pytest.mark.parametrize(
    ("fields", "place", "said"),
    [
        ({"name": "No Such!"}, "name", "give 1 to 64"),
        ({"name": "new"}, "name", "give 1 to 64"),
        ({"cron": "every day"}, "cron", "not a cron expression"),
        ({"cron": "0 0 30 2 *"}, "cron", "not a cron expression"),
        ({"timeZone": "Europe/Berln"}, "timeZone", "give the IANA name"),
        ({"type": "not a type"}, "type", "give 1 to 128"),
        ({"payload": "{nonsense"}, "payload", "This is no JSON"),
        ({"queue": "No Such!"}, "queue", "give 1 to 64"),
        ({"maxRetries": "many"}, "maxRetries", "give a whole number"),
        ({"timeout": "soon"}, "timeout", "Give a time like 90 s"),
        ({"tags": "x" * 65}, "tags", "[0]"),
        ({"overlap": "odd"}, "overlap", ""),
    ],
)
def test_a_refusal_is_said_at_its_field_and_the_input_is_kept(api, person, fields, place, said):
    page = create(person("Admin"), **{"reason": "kept"} | fields)
    assert page.status_code == 422
    assert said in problems(page)[place]
    assert re.search(
        rf'name="{place}"[^>]* aria-invalid="true"|aria-invalid="true"[^>]*name="{place}"', page.content.decode()
    )
    kept = fields_of(page)
    assert kept["reason"] == "kept"
    assert place in ("overlap",) or kept[place] == fields[place]
    assert not Schedule.objects.exists()


def test_all_that_is_wrong_is_said_at_once(api, person):
    page = create(person("Admin"), name="No Such!", cron="x", timeZone="x")
    assert problems(page).keys() == {"name", "cron", "timeZone"}


def test_a_name_that_is_taken_is_said_at_its_field(make, person):
    make()
    page = create(person("Admin"))
    assert page.status_code == 409
    assert problems(page) == {"name": "There is a schedule nightly already."}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("cron=30+3+*+*+*&timeZone=Europe/Berlin", r"At 03:30 every day \w{3} \d+ \w{3}.*, 03:30 CES?T in \d+"),
        ("cron=%40hourly&timeZone=", r"\d+ \w{3}.*, \d\d:00 in \d+"),
        ("cron=*/30+*+*+*+*+*&timeZone=UTC", r", \d\d:\d\d:30 in \d+"),
        ("cron=0+0+29+2+*&timeZone=UTC", r"Feb \d{4}, 00:00 in \d+"),
        ("cron=x&timeZone=UTC", "^Not a cron expression"),
        ("cron=@daily&timeZone=Mars", "^Give the IANA name of a time zone"),
        ("cron=", "^Give a cron expression"),
        ("", "^Give a cron expression"),
    ],
)
def test_an_expression_is_told_while_it_is_typed(api, person, query, said):
    page = person("Admin").get(f"{HERE}preview/?{query}")
    assert page.status_code == 200
    assert re.search(said, words(page))


def test_five_ticks_are_told_and_without_scripts_a_button_asks_for_them(api, person):
    client = person("Admin")
    assert client.get(f"{HERE}preview/?cron=@daily").content.decode().count("<li>") == 5
    page = create(client, look="yes", name="")
    assert page.status_code == 200
    assert "At 03:30 every day" in words(page)
    assert fields_of(page)["type"] == "report"
    assert not Schedule.objects.exists()


def test_a_change_is_saved_and_what_nobody_touched_stays(make, api, person):
    big = '{"order":12345678901234567890,  "x":1.0}'
    make(payload=None, queue="mail", timeout=90_000, maxRetries=2, tags=["vip"], row={"payload": big})
    client = person("Admin")
    page = client.get(EDIT)
    fields = fields_of(page)
    assert fields["payload"] == big
    assert (fields["timeout"], fields["maxRetries"], fields["tags"], fields["queue"]) == ("90 s", "2", "vip", "mail")
    done = submit(client, page, EDIT, **fields | {"cron": "@hourly", "queue": "", "timeout": "", "tags": ""})
    assert "Saved nightly." in words(done)
    saved = Schedule.objects.get()
    assert (saved.cron, saved.queue, saved.timeout_ms, saved.tags) == ("@hourly", "", None, [])
    assert (saved.max_retries, saved.payload, saved.version) == (2, big, 2)


def test_a_payload_with_several_lines_stays_as_it_is_byte_for_byte(make, person):
    lines = '{\n  "days": 1\n}\n'
    make(row={"payload": lines})
    client = person("Admin")
    page = client.get(EDIT)
    fields = fields_of(page)
    submit(client, page, EDIT, **fields | {"cron": "@hourly", "payload": fields["payload"].replace("\n", "\r\n")})
    assert (Schedule.objects.get().cron, Schedule.objects.get().payload) == ("@hourly", lines)


def test_what_somebody_else_has_changed_is_not_overwritten_unseen(make, api, person):
    make(queue="mail")
    client = person("Admin")
    fields = fields_of(client.get(EDIT))
    assert api.put("/schedules/nightly", {"version": 1, "cron": "@daily", "queue": None}).status_code == 200
    mine = fields | {"cron": "@hourly", "timeZone": "Europe/Berlin"}
    page = submit(client, client.get(EDIT), EDIT, **mine)
    assert page.status_code == 409
    said = words(page)
    assert "Somebody has changed it since" in said
    assert ("Is @daily now" in said, "Is UTC now" in said, "Is empty now" in said) == (True, True, True)
    assert fields_of(page)["cron"] == "@hourly"
    assert Schedule.objects.get().cron == "@daily"
    assert "Saved nightly." in words(submit(client, page, EDIT, **fields_of(page)))
    assert (Schedule.objects.get().cron, Schedule.objects.get().time_zone) == ("@hourly", "Europe/Berlin")


def test_who_may_not_edit_payloads_changes_the_rest(make, person):
    make(payload={"password": "hunter2"})
    client = person("", "eve")
    [user] = [client.session["_auth_user_id"]]
    rights = Permission.objects.filter(codename__in=("view", "administer"))
    for right in rights:
        right.user_set.add(user)
    page = client.get(EDIT)
    assert "hunter2" not in page.content.decode()
    assert "Its payload stays as it is" in words(page)
    submit(client, page, EDIT, **fields_of(page) | {"cron": "@hourly"})
    assert (Schedule.objects.get().cron, Schedule.objects.get().payload) == ("@hourly", '{"password": "hunter2"}')


def test_a_refused_change_is_said_at_its_field(make, person):
    make()
    client = person("Admin")
    page = client.get(EDIT)
    page = submit(client, page, EDIT, **fields_of(page) | {"cron": "x"})
    assert "not a cron expression" in problems(page)["cron"]
    assert Schedule.objects.get().cron == "0 3 * * *"


def test_a_deletion_asks_first_with_the_name(make, person):
    make(row={"enqueued": 1204})
    client = person("Admin")
    page = client.get(f"{HERE}nightly/delete/")
    assert "1,204 enqueued so far" in words(page)
    assert "Delete nightly" in words(page)
    assert Schedule.objects.exists()
    page = submit(client, page, f"{HERE}nightly/delete/", reason="no more")
    assert "Deleted nightly." in words(page)
    assert page.redirect_chain == [(HERE, 302)]
    assert not Schedule.objects.exists()
    assert AuditEntry.objects.get(action="schedule.delete").reason == "no more"


def test_what_is_typed_is_text(api, person):
    text = create(person("Admin"), **dict.fromkeys(FIELDS, EVIL) | {"cron": EVIL}).content.decode()
    assert EVIL not in text
    assert html.escape(EVIL) in text


@pytest.mark.parametrize("verb", ["edit", "delete"])
def test_there_is_no_form_of_a_schedule_that_is_none(api, person, verb):
    assert person("Admin").get(f"{HERE}nowhere/{verb}/").status_code == 404
