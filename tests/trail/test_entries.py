"""Around an action: the intent first, the end after it, and no action without an intent."""

from __future__ import annotations

import pytest

from jobs import trail
from jobs.errors import StoreUnavailable, WrongState
from jobs.models import AuditEntry

from .conftest import ANN, only_entry

RETRY = trail.Action.JOB_RETRY
pytestmark = pytest.mark.usefixtures("database")


def test_an_action_is_an_intent_first_and_done_after_it():
    with trail.entry(actor=ANN, action=RETRY, target="00ab", reason="fixed the bug") as entry:
        during = only_entry()
        entry.count = 1
    after = only_entry()
    assert (during.status, during.count, during.finished_at) == ("intent", None, None)
    assert (after.status, after.count, after.code) == ("done", 1, "")
    assert (after.actor_id, after.actor, after.address) == ("user:3", "ann", "192.0.2.7")
    assert (after.action, after.target_kind, after.target_id) == ("job.retry", "job", "00ab")
    assert after.reason == "fixed the bug"
    assert after.finished_at is not None
    assert after.at <= after.finished_at


def test_the_intent_is_committed_before_the_action_runs(locked):
    with trail.entry(actor=ANN, action=RETRY), locked():  # whoever takes the lock finds no transaction open
        assert only_entry().status == "intent"


def test_a_bulk_operation_is_linked_as_soon_as_it_is_known():
    with trail.entry(actor=ANN, action=trail.Action.DLQ_OPERATION, detail={"filter": {"type": ["mail"]}}) as entry:
        entry.operation_id = "op-1"
        entry.detail["matched"] = 12
    after = only_entry()
    assert after.operation_id == "op-1"
    assert after.detail == {"filter": {"type": ["mail"]}, "matched": 12}
    assert after.count is None


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (WrongState("00ab", "retry", "active"), "failed", "conflict"),
        (ValueError("a bug"), "failed", "internal_error"),
        (StoreUnavailable("all connections are busy", "pool"), "failed", "store_unavailable"),
        (StoreUnavailable("no answer", "timeout"), "unknown", "store_unavailable"),
        (KeyboardInterrupt(), "unknown", "KeyboardInterrupt"),
    ],
)
def test_what_the_action_raises_goes_on_and_is_written_down(error, status, code):
    with pytest.raises(type(error)) as raised, trail.entry(actor=ANN, action=RETRY):
        raise error
    assert raised.value is error
    assert (only_entry().status, only_entry().code) == (status, code)
    assert only_entry().finished_at is not None


def test_a_locked_database_refuses_the_action_within_two_seconds(locked, monkeypatch):
    ran = []
    with locked(), pytest.raises(trail.TrailUnavailable) as raised, trail.entry(actor=ANN, action=RETRY):
        ran.append(True)
    assert not ran
    assert raised.value.code == "audit_unavailable"
    assert raised.value.transient
    trail.scribe.close()
    assert not AuditEntry.objects.exists()
