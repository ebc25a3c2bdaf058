"""The form that enqueues a job: what it sends, what it says when the API refuses, who may use it."""

import re

import pytest
from django.http import QueryDict

from jobs.api.problems import FieldError
from monitoring.enqueue_form import EnqueueForm, by_field, milliseconds
from tests.monitoring.people import submit

EVIL = "<script>alert(1)</script>"


def send(client, **fields):
    page = client.get("/jobs/new/")
    [key] = re.findall(r'name="key" value="(\w+)"', page.content.decode())
    return submit(client, page, "/jobs/new/", **{"key": key, "payload": "{}", **fields})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("90", 90_000), ("90 s", 90_000), ("5 min", 300_000), ("2h", 7_200_000), ("1.5 d", 129_600_000),
        ("250 ms", 250), ("0", 0), ("-1", "-1"), ("soon", "soon"), ("5 y", "5 y"),
        ("5 mins", 300_000), ("1h30m", 5_400_000), ("1 Day 2 hours", 93_600_000), ("10 secs", 10_000),
        ("5 m 3", "5 m 3"), ("١", "١"),
    ],
)  # fmt: skip
def test_durations_are_written_as_people_do(text, told):
    assert milliseconds(text) == told


def test_refusals_find_their_fields():
    errors = (
        FieldError("options.delay", "too long"), FieldError("options.tags[1]", "too long"),
        FieldError("payload.to", "missing"), FieldError("jobId", "odd"), FieldError("type", "first"),
        FieldError("type", "second"),
    )  # fmt: skip
    assert by_field(errors) == {
        "delay": "too long", "tags": "tags[1]: too long", "payload": "payload.to: missing", "": "odd", "type": "first",
    }  # fmt: skip


def test_an_empty_form_says_nothing_of_options():
    form = EnqueueForm.read(QueryDict("type=echo&payload=%7B%7D"))
    assert set(form.body()) == {"type", "payload"}
    assert not form.is_opened_up


def test_a_job_is_enqueued_as_the_form_says(api, kit, person):
    page = send(
        person(), type="echo", payload='{"order": 12345678901234567890}', queue="mail", priority="high", delay="2 h",
        maxRetries="7", timeout="1 min", retention="3 d", tags="vip, order-4711,", deduplicationKey="k",
    )  # fmt: skip
    [(address, _)] = page.redirect_chain
    job_id = address.split("/")[2]
    record, envelope = kit.record(job_id), kit.envelope(job_id)
    assert (record.type, record.queue, record.priority.label, record.max_retries) == ("echo", "mail", "high", 7)
    assert envelope.payload == b'{"order": 12345678901234567890}'
    assert (envelope.timeout_ms, envelope.tags) == (60_000, ("vip", "order-4711"))
    assert "echo is scheduled on mail." in page.content.decode()


def test_a_form_counts_once(api, kit, person):
    client = person()
    page = client.get("/jobs/new/")
    [key] = re.findall(r'name="key" value="(\w+)"', page.content.decode())
    first, again = (submit(client, page, "/jobs/new/", key=key, type="echo", payload="{}") for _ in range(2))
    assert first.redirect_chain == again.redirect_chain
    assert kit.store.reader.totals()["created"] == 1


@pytest.mark.parametrize(
    ("fields", "place", "words"),
    [
        ({"payload": "{nonsense"}, "payload", "This is no JSON"),
        ({"payload": '{}, "jobId": "mine"'}, "payload", "This is no JSON"),
        ({"payload": " "}, "payload", "Give a payload"),
        ({"payload": '"\\ud800"'}, "payload", "An escape in it, like \\ud800, stands for no character."),
        ({"delay": "soon"}, "delay", "Give a time like 90 s, 5 min or 2 h."),
        ({"timeout": "-1"}, "timeout", "Give a time like 90 s, 5 min or 2 h."),
        ({"runAt": "tomorrow"}, "runAt", "give a time like 2026-01-31T08:00:00Z"),
        ({"maxRetries": "many"}, "maxRetries", "give a whole number"),
        ({"maxRetries": "1000"}, "maxRetries", "give at most 100"),
        ({"maxRetries": "-1"}, "maxRetries", "give at least 0"),
        ({"queue": "No Such!"}, "queue", "give 1 to 64 of a-z 0-9 _ . -, but not . or .."),
        ({"tags": "x" * 65}, "tags", "tags[0]"),
        ({"type": "not a type"}, "type", "give 1 to 128 of A-Z a-z 0-9 . _ / -"),
        ({"type": "a/../b"}, "type", "give no . or .. alone or between slashes: no address could name it"),
    ],
)
def test_a_refusal_is_said_at_its_field_and_the_input_is_kept(api, kit, person, fields, place, words):
    page = send(person(), **{"type": "echo", "tags": "kept", **fields})
    html = page.content.decode()
    assert page.status_code == 422
    [problem] = re.findall(rf'<span class="problem" id="e-{place}">([^<]*)', html)
    assert problem.startswith(words)
    assert re.search(rf'name="{place}"[^>]* aria-invalid="true"', html)
    assert 'value="kept"' in html or "tags" in fields
    assert "created" not in kit.store.reader.totals()


def test_a_key_that_is_taken_leads_to_its_job(api, kit, person):
    client = person()
    job_id = send(client, type="echo", deduplicationKey="k").redirect_chain[0][0].split("/")[2]
    page = send(client, type="echo", deduplicationKey="k")
    assert page.status_code == 409
    assert f'<a href="/jobs/{job_id}/">Show that job</a>' in page.content.decode()
    shown = send(client, type="echo", deduplicationKey="k", onDuplicate="return")
    assert shown.redirect_chain[0][0] == f"/jobs/{job_id}/"


def test_what_is_typed_is_text(api, kit, person):
    html = send(person(), type=EVIL, payload=f'"{EVIL}" x').content.decode()
    assert EVIL not in html
    assert "&lt;script&gt;" in html


def test_only_those_who_may_enqueue_see_the_form_and_its_button(api, kit, person):
    operator, viewer = person(), person("Viewer", "eve")
    assert 'href="/jobs/new/"' in operator.get("/jobs/").content.decode()
    assert 'data-enqueue="/jobs/new/"' in operator.get("/").content.decode()
    html = viewer.get("/jobs/").content.decode()
    assert "/jobs/new/" not in html
    assert viewer.get("/jobs/new/").status_code == 403
    assert submit(viewer, viewer.get("/jobs/"), "/jobs/new/", type="echo", payload="{}").status_code == 403
    assert "created" not in kit.store.reader.totals()
