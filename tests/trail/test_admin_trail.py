"""The audit trail in the admin: found by those who may see it, changed by nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from jobs.models import Action, AuditEntry

from .conftest import past_entries, past_entry
from .people import MakePerson

TRAIL = "/admin/jobs/auditentry/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def looker(staff: MakePerson):
    """Return the client of an operator."""
    return staff("Operator")[0]


def test_operators_see_it_and_viewers_do_not(staff: MakePerson, looker):
    past_entries(1)
    viewer, _ = staff("Viewer", name="vera")
    assert looker.get(TRAIL).status_code == 200
    assert viewer.get(TRAIL).status_code == 403
    assert viewer.get(f"{TRAIL}{AuditEntry.objects.get().pk}/change/").status_code == 403


def test_a_row_says_who_what_when_from_where_why_and_how_many(looker):
    past_entry(
        timedelta(hours=1), action="queue.purge", target_kind="queue", target_id="mail", address="192.0.2.7",
        reason="<b>test jobs</b>", count=1234, operation_id="op-77",
    )  # fmt: skip
    page = looker.get(TRAIL).content.decode()
    for text in ("ann", "purged a queue", "queue mail", "192.0.2.7", "&lt;b&gt;test jobs", "1234", "op-77", "done"):
        assert text in page
    assert "<b>test jobs" not in page


def test_an_intent_whose_process_died_is_shown_as_unknown(looker):
    old, new = (past_entry(timedelta(seconds=ago), status="intent", target_id=f"x{ago}") for ago in (90, 1))
    assert "unknown" in looker.get(f"{TRAIL}{old.pk}/change/").content.decode()
    assert "under way" in looker.get(f"{TRAIL}{new.pk}/change/").content.decode()
    found = looker.get(TRAIL, {"status": "unknown"}).content.decode()
    assert "x90" in found
    assert "x1<" not in found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "ann"}, {"00aa", "00bb"}),
        ({"q": "00BB"}, {"00bb"}),
        ({"action__exact": "job.delete"}, {"00bb"}),
        ({"target_kind": "queue"}, {"mail"}),
        ({"status": "failed"}, {"mail"}),
        ({"status": "nonsense"}, {"00aa", "00bb", "mail"}),
    ],
)
def test_it_is_searched_and_filtered(looker, query, found):
    past_entry(timedelta(1), target_id="00aa")
    past_entry(timedelta(2), target_id="00bb", action="job.delete")
    past_entry(timedelta(3), actor="bob", target_kind="queue", target_id="mail", action="queue.pause", status="failed")
    page = looker.get(TRAIL, query).content.decode()
    assert {name for name in ("00aa", "00bb", "mail") if f" {name}</td>" in page} == found


@pytest.mark.parametrize("superuser", [False, True])
def test_nobody_adds_changes_or_deletes(staff: MakePerson, superuser: bool):
    client, _ = staff("" if superuser else "Admin", superuser=superuser)
    [entry] = past_entries(1)
    form = {"actor": "eve", "reason": "nothing happened", "post": "yes"}
    assert client.post(f"{TRAIL}add/", form).status_code == 403
    assert client.post(f"{TRAIL}{entry.pk}/change/", form).status_code == 403
    assert client.post(f"{TRAIL}{entry.pk}/delete/", form).status_code == 403
    client.post(TRAIL, {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"})
    assert [(row.pk, row.actor) for row in AuditEntry.objects.all()] == [(entry.pk, "ann")]
    assert b"delete_selected" not in client.get(TRAIL).content


def test_every_action_has_words_for_people():
    assert all(action.label and action.label != action.value for action in Action)
    assert len({action.label for action in Action}) == len(Action)
