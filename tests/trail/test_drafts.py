"""What goes into an entry: bounded, and acceptable to every database, whatever a client sends."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import override_settings

from jobs import trail
from jobs.models import AuditEntry
from jobs.trail import draft

from .conftest import ANN, only_entry

RETRY = trail.Action.JOB_RETRY


def written(**fields: Any) -> dict[str, Any]:
    return draft.draft(ANN, RETRY, **fields)


def test_texts_are_cut_to_their_columns():
    actor = trail.Actor("i" * 999, "n" * 999, "a" * 999)
    fields = draft.draft(actor, RETRY, "t" * 999, reason="r" * 999, operation_id="o" * 999)
    for name, text in fields.items():
        most = getattr(AuditEntry._meta.get_field(name), "max_length", None)
        assert most is None or len(text) <= most, name


@pytest.mark.parametrize("text", ["nul\0 byte", "half \ud800 pair", "\udfff"])
def test_characters_that_postgresql_refuses_are_replaced(text):
    fields = written(reason=text, detail={text: [text, {"deep": (text,)}]})
    for stored in (fields["reason"], json.dumps(fields["detail"], ensure_ascii=False)):
        assert "\0" not in stored
        assert "\\u0000" not in stored
        stored.encode()  # no halves are left


def test_the_values_of_hidden_fields_are_masked_in_a_reason():
    fields = written(reason="leaked password=hunter2, Authorization: Bearer abc")
    assert fields["reason"] == "leaked password=•••, Authorization: •••"
    most = AuditEntry._meta.get_field("reason").max_length or 0
    cut = written(reason="r" * (most - 14) + " password='hunter2'")["reason"]
    assert cut.endswith(" password='•••")  # masked before it is cut


def test_a_reason_stays_where_nothing_is_hidden():
    with override_settings(QUEUEFLOW=replace(settings.QUEUEFLOW, redact_fields=())):
        assert written(reason="password=hunter2")["reason"] == "password=hunter2"


def test_what_is_no_json_becomes_text():
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    detail = written(detail={"when": moment, "rate": float("nan"), "most": float("inf"), "kinds": {"a"}, 7: None})
    assert detail["detail"] == {
        "when": str(moment), "rate": "nan", "most": "inf", "kinds": ["a"], "7": None,
    }  # fmt: skip


def test_long_detail_is_cut_and_says_so():
    detail = written(detail={"filter": {"jobIds": ["00ab" * 8] * 1000}})["detail"]
    assert set(detail) == {"cut"}
    assert detail["cut"].startswith('{"filter"')
    assert len(json.dumps(detail)) <= draft.MOST_DETAIL


@pytest.mark.parametrize(("count", "kept"), [(None, None), (0, 0), (7, 7), (-1, 0), (2**70, 2**63 - 1)])
def test_a_count_fits_its_column(count, kept):
    assert draft.whole(count) == kept


@pytest.mark.django_db
def test_a_note_is_kept_with_its_transaction_or_not_at_all():
    with transaction.atomic():
        trail.note(actor=ANN, action=trail.Action.KEY_REVOKE, target="7")
        transaction.set_rollback(True)
    assert not AuditEntry.objects.exists()
    with transaction.atomic():
        trail.note(actor=ANN, action=trail.Action.KEY_REVOKE, target="7", count=1)
    assert (only_entry().status, only_entry().count) == ("done", 1)
    assert only_entry().finished_at == only_entry().at


@pytest.mark.django_db(transaction=True)
def test_a_note_outside_a_transaction_is_refused():
    with pytest.raises(transaction.TransactionManagementError):
        trail.note(actor=ANN, action=trail.Action.KEY_REVOKE, target="7")
    assert not AuditEntry.objects.exists()
