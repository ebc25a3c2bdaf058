"""Entries are added, completed once and pruned; every other way is closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from jobs.models import Action, AppendOnly, AuditEntry

from .conftest import past_entries

pytestmark = pytest.mark.django_db
BEFORE: Any = {"actor": "ann", "reason": "", "status": "done"}


def change_and_save(entry: AuditEntry) -> None:
    entry.reason = "forged"
    entry.save()


def save_as_new(entry: AuditEntry) -> None:
    AuditEntry(pk=entry.pk, actor="eve").save(force_update=True)


def update_or_create(entry: AuditEntry) -> None:
    AuditEntry.objects.update_or_create(pk=entry.pk, defaults={"reason": "forged"})


def bulk_update(entry: AuditEntry) -> None:
    entry.reason = "forged"
    AuditEntry.objects.bulk_update([entry], ["reason"])


@pytest.mark.parametrize(
    "attempt",
    [
        change_and_save,
        save_as_new,
        update_or_create,
        bulk_update,
        lambda entry: entry.save(update_fields=["reason"]),
        lambda entry: entry.delete(),
        lambda entry: AuditEntry.objects.update(reason="forged"),
        lambda entry: AuditEntry.objects.filter(pk=entry.pk).update(reason="forged"),
        lambda entry: AuditEntry.objects.all().delete(),
        lambda entry: AuditEntry._base_manager.filter(pk=entry.pk).delete(),
        lambda entry: AuditEntry._default_manager.filter(pk=entry.pk).update(reason="forged"),
    ],
)
def test_an_entry_is_neither_changed_nor_deleted(attempt):
    [entry] = past_entries(1)
    with pytest.raises(AppendOnly), transaction.atomic():
        attempt(entry)
    assert AuditEntry.objects.values(*BEFORE).get() == BEFORE


def test_an_entry_is_completed_once():
    [entry] = past_entries(0, status="intent")
    assert AuditEntry.objects.complete(entry.pk, status="done", count=3)
    assert not AuditEntry.objects.complete(entry.pk, status="failed", count=4)
    assert AuditEntry.objects.values("status", "count").get() == {"status": "done", "count": 3}


def test_pruning_takes_the_oldest_first_and_no_more_than_told():
    past_entries(10, 30, 20, 1)
    edge = timezone.now() - timedelta(days=5)
    assert AuditEntry.objects.prune(edge, 2) == 2
    assert AuditEntry.objects.prune(edge, 2) == 1
    assert AuditEntry.objects.prune(edge, 2) == 0
    assert AuditEntry.objects.count() == 1


def test_no_word_is_longer_than_its_column():
    most = AuditEntry._meta.get_field("action").max_length or 0
    assert max(len(action) for action in Action) <= most
    assert {action.kind for action in Action} == {
        "job", "jobs", "dlq", "operation", "queue", "type", "worker", "pool", "key", "user", "group", "schedule",
    }  # fmt: skip
