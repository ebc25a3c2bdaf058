"""The audit trail names what was meant, and says of bulk work what it was and how it ended."""

import re

import pytest
from django.db import transaction

from jobs import trail
from jobs.models import ApiKey
from jobs.trail import AuditTarget, AuditView
from jobs.types import Failure
from monitoring.audit_words import line_of
from tests.monitoring.people import submit
from tests.support.jobs import failed

BOOM = Failure("PaymentDeclined", "card 4711 was declined", "", "b" * 16)


def entry(action, detail, *, kind="dlq", status="done", count=None):
    return AuditView(
        id=1, at="", actor_id="", actor="", action=action, target=AuditTarget(kind=kind, id="7"), address=None,
        reason=None, count=count, status=status, code=None, operation_id=None, detail=detail, finished_at=None,
    )  # fmt: skip


@pytest.fixture
def dead(kit):
    worker = kit.worker()
    claims = [kit.claimed(worker, type="charge-card") for _ in range(3)]
    worker.fail([failed(claim, BOOM, final=True) for claim in claims])


def rows(client):
    html = client.get("/audit/").content.decode()
    return [" ".join(re.sub("<[^>]+>", " ", row).split()) for row in html.partition("<tbody")[2].split("</tr>")[:-1]]


def test_a_retry_of_a_group_is_named_and_is_not_done_before_it_is(api, dead, person, maintenance):
    client = person("Admin")
    page = client.get("/dead-letters/")
    submit(client, page, "/operations/start/", scope="dlq", action="retry", error=BOOM.fingerprint)
    sentence = "started a retry of 3 dead jobs (charge-card: PaymentDeclined)"
    [row] = rows(client)
    assert sentence in row
    assert row.endswith("started")
    maintenance()
    [row] = rows(client)
    assert sentence in row
    assert row.endswith("done")
    assert "4711" not in row


def test_what_was_said_of_an_error_names_it(api, dead, person):
    client = person()
    submit(client, client.get("/dead-letters/"), f"/dead-letters/{BOOM.fingerprint}/resolve/")
    [row] = rows(client)
    assert "resolved the error charge-card: PaymentDeclined" in row


def test_people_and_keys_are_called_by_their_names(api, person):
    client = person("Admin")
    with transaction.atomic():
        key, _ = ApiKey.objects.issue("ci", ["read"])
        facts = {"name": str(key), "prefix": key.prefix}
        trail.note(actor=trail.shell(), action=trail.Action.KEY_CREATE, target="41", count=1, detail=facts)
        trail.note(actor=trail.shell(), action=trail.Action.USER_CREATE, target="42", detail={"name": "<b>alice"})
    user, key_row = rows(client)
    assert "made the user &lt;b&gt;alice" in user
    assert f"made the API key ci ({key.prefix}…)" in key_row
    assert "42" not in user.split()


def test_what_was_done_to_a_schedule_leads_to_it(api, kit, person):
    client = person("Admin")
    api.post("/schedules", {"name": "nightly", "type": "report", "cron": "@daily", "reason": "the books"})
    [row] = rows(client)
    assert "made a schedule" in row
    assert "the books" in row
    assert '<a href="/schedules/nightly/">nightly</a>' in client.get("/audit/").content.decode()


@pytest.mark.parametrize(
    ("action", "detail", "said"),
    [
        ("jobs.operation", {"action": "cancel", "matched": 1, "filter": {"type": ["mail"], "queue": ["a", "b"]}},
         "started a cancellation of 1 job (type: mail, queue: a or b)"),
        ("dlq.operation", {"action": "delete", "matched": 25_000, "filter": {"status": ["dead"]}},
         "started a deletion of 25,000 dead jobs"),
        ("dlq.operation", {"action": "retry", "filter": {"jobIds": ["a", "b"]}},
         "started a retry of dead jobs (chosen one by one)"),
        ("dlq.operation", {"action": "retry", "matched": 9, "errors": [{"error": f"E{n}"} for n in range(5)]},
         "started a retry of 9 dead jobs (E0; E1; E2; 2 more)"),
        ("dlq.operation", {"cut": "{"}, "acted on many dead jobs"),
        ("user.create", {}, "made a user"),
        ("old.word", {}, "old.word"),
    ],
)  # fmt: skip
def test_a_sentence_says_what_its_entry_knows(action, detail, said):
    assert line_of(entry(action, detail)).said == said


@pytest.mark.parametrize(
    ("status", "count", "detail", "outcome"),
    [
        ("done", None, {}, "started"),
        ("done", 5, {"ended": "aborted"}, "aborted"),
        ("done", 5, {"ended": "failed"}, "failed"),
        ("done", 5, {}, "done"),
        ("failed", None, {}, "failed"),
        ("intent", None, {}, "intent"),
    ],
)
def test_bulk_work_ends_as_its_operation_did(status, count, detail, outcome):
    assert line_of(entry("dlq.operation", detail, status=status, count=count)).outcome == outcome
