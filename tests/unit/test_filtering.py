"""One predicate says which jobs a person means."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from jobs.filtering import JobFilter
from jobs.redaction import Redactor
from jobs.states import State
from jobs.types import Envelope, JobRecord, Priority

RECORD = JobRecord(
    state=State.DEAD, type="send-email", queue="mail", priority=Priority.HIGH, created=1000, position=1, ready=0,
    attempts=1, max_retries=3, executions=1, finished=5000, error="SMTPError: Mailbox FULL", fingerprint="ab" * 8,
)  # fmt: skip
ENVELOPE = Envelope(b'{"to": "J\\u00fcrgen \\"J\\" Gro\xc3\x9f"}', 1000, tags=("vip", "eu"))


def matches(record: JobRecord = RECORD, envelope: Envelope | None = ENVELOPE, **criteria: Any) -> bool:
    return JobFilter(**criteria).matches("00abc123", record, envelope)


@pytest.mark.parametrize(
    ("criterion", "meant", "other"),
    [
        ("ids", ("x", "00abc123"), ("00abc",)),
        ("states", (State.PENDING, State.DEAD), (State.PENDING,)),
        ("types", ("other", "send-email"), ("send",)),
        ("queues", ("default", "mail"), ("default",)),
        ("priorities", (Priority.HIGH,), (Priority.LOW,)),
        ("tags", ("nobody", "vip"), ("nobody",)),
        ("errors", ("nothing", "mailbox full"), ("mailbox empty",)),
        ("errors", ("ab" * 8,), ("ab" * 7,)),
        ("fingerprints", ("ab" * 8,), ("cd" * 8,)),
        ("created_after", 1000, 1001),
        ("created_before", 1001, 1000),
        ("finished_after", 5000, 5001),
        ("finished_before", 5001, 5000),
        ("text", "00ab", "abc123"),
        ("text", "JÜRGEN".replace("Ü", "ü"), "Jurgen"),
        ("text", 'jürgen "J"', "jürgen J"),
        ("text", "groß", "gross"),
    ],
)
def test_each_criterion_tells_jobs_apart(criterion, meant, other):
    assert matches(**{criterion: meant})
    assert not matches(**{criterion: other})


def test_nothing_asked_means_every_job():
    assert matches()
    assert JobFilter().criteria == frozenset()


def test_criteria_are_all_to_be_met():
    assert matches(types=("send-email",), queues=("mail",))
    assert not matches(types=("send-email",), queues=("default",))


def test_what_has_not_finished_is_in_no_range_of_finishing():
    waiting = replace(RECORD, finished=0)
    assert not matches(waiting, finished_before=10**15)
    assert not matches(waiting, finished_after=0)


def test_a_lost_payload_matches_no_text_and_no_tag_but_its_id():
    assert not matches(envelope=None, tags=("vip",))
    assert not matches(envelope=None, text="jürgen")
    assert matches(envelope=None, text="00abc")


@pytest.mark.parametrize(
    ("criteria", "needed"), [({"types": ("a",)}, False), ({"tags": ("a",)}, True), ({"text": "a"}, True)]
)
def test_payloads_are_read_only_where_the_record_does_not_tell(criteria, needed):
    assert JobFilter(**criteria).needs_envelope is needed


def test_a_lone_surrogate_finds_nothing_and_breaks_nothing():
    assert not matches(text="\ud800")


def test_the_wire_form_shows_what_restricts():
    wanted = JobFilter(states=(State.DEAD,), priorities=(Priority.LOW,), errors=("x",), created_after=0, text="q")
    assert wanted.wire() == {
        "status": ["dead"], "priority": ["low"], "error": ["x"], "createdAfter": "1970-01-01T00:00:00.000Z", "q": "q",
    }  # fmt: skip
    assert wanted.criteria == {"states", "priorities", "errors", "created_after", "text"}


def test_words_that_were_looked_for_with_open_eyes_are_masked_for_others():
    wanted, redactor = JobFilter(types=("mail",), errors=("secret", "x"), text="hunter2"), Redactor(("password",))
    assert wanted.wire(redactor) == {"type": ["mail"], "error": ["•••"], "q": "•••"}
    assert wanted.seen_through(redactor).wire(redactor) == wanted.wire()
    assert JobFilter().wire(redactor) == {}


def test_payloads_are_read_to_compare_errors_only_where_they_are_masked():
    wanted = JobFilter(errors=("x",))
    assert not wanted.needs_envelope
    assert wanted.seen_through(Redactor(("password",))).needs_envelope
    assert wanted.seen_through(Redactor(("password",))).seen_through(None) == wanted


def test_words_of_a_line_that_may_be_hidden_rule_no_job_out_by_its_record():
    failed = replace(RECORD, error="ValueError: no hunter2")
    wanted = JobFilter(errors=("other",))
    masked = wanted.seen_through(Redactor(("password",)))
    assert (wanted.matches_record("00abc", failed), masked.matches_record("00abc", failed)) == (False, True)
    assert not masked.matches_record("00abc", replace(RECORD, error=""))  # that there is no error is shown
    assert not masked.matches("00abc", failed, ENVELOPE)
