"""The trail is read by filters, in pages that show each entry once."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.utils import timezone

from jobs.clock import to_instant_ms
from jobs.errors import InvalidJob
from jobs.filtering import JobFilter
from jobs.inspection.cursors import Cursor, read_cursor, write_cursor
from jobs.models import Action, AuditEntry, Status
from jobs.trail import Trail, TrailFilter, reading

from .conftest import past_entry

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def found(limit: int = 50, **criteria: Any) -> list[str]:
    """The targets of the entries that match, latest first, read in pages of `limit`."""
    wanted, cursor, targets = TrailFilter(**criteria), "", []
    while True:
        page = Trail().page(wanted, limit, cursor)
        assert len(page.items) <= limit
        targets += [item.target.id for item in page.items]
        if page.next_cursor is None:
            return targets
        cursor = page.next_cursor


@pytest.fixture
def history(db: None) -> None:
    """Five entries, one a day; `e` is the latest."""
    past_entry(5 * DAY, target_id="a", reason="Nightly CLEANUP")
    past_entry(4 * DAY, target_id="b", actor_id="key:7", actor="crawler", status="failed", code="conflict")
    past_entry(3 * DAY, target_id="c", action="queue.pause", target_kind="queue", address="192.0.2.7")
    past_entry(2 * DAY, target_id="d:1", action="dlq.operation", operation_id="op-1", status="intent")
    past_entry(timedelta(seconds=1), target_id="e", status="intent")


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ({}, ["e", "d:1", "c", "b", "a"]),
        ({"actors": ("key:7",)}, ["b"]),
        ({"actors": ("key:7", "user:3"), "statuses": (Status.FAILED, Status.DONE)}, ["c", "b", "a"]),
        ({"actions": (Action.QUEUE_PAUSE, Action.DLQ_OPERATION)}, ["d:1", "c"]),
        ({"targets": ("queue:c",)}, ["c"]),
        ({"targets": ("queue", "job:d:1")}, ["d:1", "c"]),
        ({"targets": ("job:c",)}, []),
        ({"statuses": (Status.UNKNOWN,)}, ["d:1"]),
        ({"statuses": (Status.INTENT,)}, ["e"]),
        ({"operation_ids": ("op-1", "op-2")}, ["d:1"]),
        ({"text": "cleanup"}, ["a"]),
        ({"text": "KEY:7"}, ["b"]),
        ({"text": "192.0."}, ["c"]),
        ({"text": "100%_"}, []),
        ({"text": "nul\0", "actors": ("nul\0",), "targets": ("\0",)}, []),
    ],
)
def test_criteria_together_narrow_it_down(history, criteria, expected):
    assert found(**criteria) == expected


def test_a_range_of_time_includes_its_start_and_not_its_end(history):
    times = {entry.target_id: to_instant_ms(entry.at) for entry in AuditEntry.objects.all()}
    assert found(after=times["b"], before=times["d:1"]) == ["c", "b"]


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_show_each_entry_once_also_those_of_one_instant(limit):
    at = timezone.now()
    for number in range(7):
        AuditEntry(actor_id="user:3", action="job.retry", target_kind="job", target_id=str(number), at=at).save()
    assert found(limit) == ["6", "5", "4", "3", "2", "1", "0"]


def test_what_is_added_between_two_pages_moves_nothing(history):
    first = Trail().page(TrailFilter(), 2)
    past_entry(timedelta(0), target_id="new")
    second = Trail().page(TrailFilter(), 2, str(first.next_cursor))
    assert [item.target.id for item in second.items] == ["c", "b"]


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense",
        base64.urlsafe_b64encode(b"x" * 60).decode(),
        write_cursor(Cursor("created", 1.0, "00ab", 0), JobFilter()),
    ],
)
def test_a_cursor_from_elsewhere_is_refused(history, cursor):
    with pytest.raises(InvalidJob, match="cursor"):
        Trail().page(TrailFilter(), 2, cursor)


def test_a_cursor_is_good_for_its_filter_only(history):
    cursor = str(Trail().page(TrailFilter(), 2).next_cursor)
    with pytest.raises(InvalidJob):
        Trail().page(TrailFilter(text="x"), 2, cursor)
    with pytest.raises(InvalidJob):
        read_cursor(cursor, JobFilter())


def test_a_text_is_looked_for_in_bounded_steps(history, monkeypatch):
    monkeypatch.setattr(reading, "MOST_SEARCHED", 2)
    page = Trail().page(TrailFilter(text="cleanup"), 2)
    assert page.items == []
    assert page.next_cursor is not None
    assert found(2, text="cleanup") == ["a"]
    assert found(1, text="ann") == ["e", "d:1", "c", "a"]


def test_an_entry_goes_out_in_the_words_of_the_api(history):
    [item] = Trail().page(TrailFilter(operation_ids=("op-1",))).items
    sent = msgspec.json.decode(msgspec.json.encode(item))
    assert sent == {
        "id": item.id, "at": item.at, "actorId": "user:3", "actor": "ann", "action": "dlq.operation",
        "target": {"kind": "job", "id": "d:1"}, "address": None, "reason": None, "count": None, "status": "unknown",
        "code": None, "operationId": "op-1", "detail": {}, "finishedAt": None,
    }  # fmt: skip
    assert sent["at"].endswith("Z")


@pytest.mark.parametrize(
    ("criteria", "index"),
    [
        ({}, "audit_at"),
        ({"actors": ("user:3",)}, "audit_actor"),
        ({"actions": (Action.JOB_RETRY,)}, "audit_action"),
        ({"targets": ("job:a",)}, "audit_target"),
        ({"statuses": (Status.FAILED,)}, "audit_status"),
        ({"statuses": (Status.UNKNOWN,)}, "audit_status"),
        ({"operation_ids": ("op-1",)}, "audit_operation"),
        ({"after": 1}, "audit_at"),
    ],
)
def test_each_filter_has_an_index(history, criteria, index):
    rows = AuditEntry.objects.filter(reading._criteria(TrailFilter(**criteria))).order_by("-at", "-id")
    assert index in rows.explain()
