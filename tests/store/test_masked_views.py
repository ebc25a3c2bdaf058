"""What the inspector shows to somebody from whom fields are hidden."""

from __future__ import annotations

import json

import msgspec
import pytest

from jobs.dead_letter import DeadLetterQueue
from jobs.filtering import JobFilter
from jobs.inspection.groups import GroupsWanted
from jobs.inspection.items import preview
from jobs.inspection.masking import MOST_VERSIONS
from jobs.inspection.search import Page
from jobs.inspector import Inspector
from jobs.redaction import DEFAULT_FIELDS, MASK, Redactor
from jobs.steering import Steering
from jobs.types import Failure
from tests.support.jobs import StoreKit, completed, discarded, failed

REDACTOR = Redactor(DEFAULT_FIELDS)
SECRET = "hunter2-secret"
BODY = b'{ "user": "bob", "password": "hunter2-secret", "n": 12345678901234567890123, "f": 1.0 }'
SHOWN = BODY.replace(SECRET.encode(), MASK.encode())


def masked(kit: StoreKit) -> Inspector:
    return Inspector(kit.store, REDACTOR)


def die(kit: StoreKit, message: str, *, payload: bytes = BODY, traceback: str = "", kind: str = "ValueError") -> str:
    worker = kit.worker()
    claim = kit.claimed(worker, payload=payload, max_retries=0)
    worker.fail([failed(claim, Failure(kind, message, traceback, f"{abs(hash(message)):016x}"[:16]), final=True)])
    return claim.id


def texts(view: object) -> str:
    return msgspec.json.encode(view).decode()


def only(page: Page):
    [item] = page.items
    return item


def test_a_payload_is_masked_and_every_other_byte_stays(kit: StoreKit):
    job_id = kit.enqueue(payload=BODY)
    view = masked(kit).job(job_id)
    assert view.payload is not None
    assert bytes(view.payload) == SHOWN
    assert view.unreadable == []
    assert only(masked(kit).jobs(JobFilter())).payload_preview == SHOWN.decode()


def test_without_a_redactor_everything_is_shown(kit: StoreKit):
    job_id = die(kit, f"password={SECRET}")
    view = Inspector(kit.store).job(job_id)
    assert view.error == f"ValueError: password={SECRET}"
    assert bytes(view.payload or b"") == BODY
    assert SECRET in texts(Inspector(kit.store).jobs(JobFilter()))
    assert SECRET in texts(DeadLetterQueue(kit.store).groups())


def test_what_a_payload_hides_is_hidden_in_all_that_is_said_of_the_job(kit: StoreKit):
    worker = kit.worker()
    claim = kit.claimed(worker, payload=BODY)
    progress = json.dumps({"percent": 50.0, "message": f"trying {SECRET} and token=abc"})
    worker.report([(claim, progress, [f"said {SECRET}", "iban: DE00", "free"])])
    trace = f"Traceback:\n  login({SECRET!r}, api_key='abc')\nValueError: no {SECRET}"
    worker.fail([failed(claim, Failure("ValueError", f"no {SECRET}", trace, "f" * 16), final=True)])
    view = masked(kit).job(claim.id)
    assert SECRET not in texts(view)
    assert view.error == "ValueError: no •••"
    [attempt] = view.attempts
    assert (attempt.error, attempt.error_message) == ("ValueError", "no •••")
    assert attempt.traceback == "Traceback:\n  login('•••', api_key='•••')\nValueError: no •••"
    assert view.log == ["said •••", "iban: •••", "free"]
    assert json.loads(bytes(view.progress or b"")) == {"percent": 50.0, "message": "trying ••• and token=•••"}
    assert "ValueError: no •••" in [moment.detail for moment in view.timeline]
    assert only(masked(kit).jobs(JobFilter())).error == "ValueError: no •••"


def test_a_result_is_masked_by_names_and_by_what_the_payload_hides(kit: StoreKit):
    worker = kit.worker()
    claim = kit.claimed(worker, payload=BODY)
    worker.report([(claim, "", ["made abcd-efgh"])])
    worker.complete([completed(claim, b'{"access_token": "abcd-efgh", "echo": "hunter2-secret", "f": 1.0}')])
    view = masked(kit).job(claim.id)
    assert bytes(view.result or b"").decode() == '{"access_token": "•••", "echo": "•••", "f": 1.0}'
    assert view.log == ["made •••"]


def test_a_reason_to_cancel_is_masked(kit: StoreKit):
    worker = kit.worker()
    claim = kit.claimed(worker, payload=BODY)
    worker.discard([discarded(claim, f"password: {SECRET}, given up")])
    view = masked(kit).job(claim.id)
    assert view.error == "password: •••, given up"
    assert SECRET not in texts(view)
    assert only(masked(kit).jobs(JobFilter())).error == "password: •••, given up"


def test_a_payload_that_was_replaced_still_hides_its_values(kit: StoreKit):
    job_id = die(kit, f"no {SECRET}")
    Steering(kit.store).retry(job_id, b'{"user": "bob"}')
    view = masked(kit).job(job_id)
    assert view.payload_version == 2
    assert SECRET not in texts(view)
    assert view.attempts[0].error_message == "no •••"
    assert only(masked(kit).jobs(JobFilter())).error == "ValueError: •••"  # a list does not look for earlier payloads


def test_an_error_whose_payload_cannot_be_read_shows_its_type_alone(kit: StoreKit):
    job_id = die(kit, f"no {SECRET}", traceback=f"no {SECRET}")
    kit.client.call("HSET", kit.keys.data, job_id, b"\xc1nonsense")
    view = masked(kit).job(job_id)
    assert view.unreadable == ["payload"]
    assert (view.error, view.attempts[0].error_message, view.attempts[0].traceback) == ("ValueError: •••", MASK, MASK)
    assert SECRET not in texts(masked(kit).jobs(JobFilter()))


def test_what_is_not_json_is_not_shown(kit: StoreKit):
    kit.enqueue("broken", payload=b'{"password": "hunter2-secret"')
    assert masked(kit).job("broken").unreadable == ["payload"]
    assert only(masked(kit).jobs(JobFilter())).payload_preview == '"•••"'


@pytest.mark.parametrize(
    "payload",
    [
        json.dumps({"password": "x" * 3000, "visible": "hello"}),
        json.dumps({"visible": "hello", "note": "y" * 3000, "password": SECRET}),
        json.dumps({"body": json.dumps({"a": "z" * 2000, "password": SECRET}), "visible": "hello"}),
        json.dumps({"cards": [{"number": n, "x": "]}"} for n in range(500)], "visible": "hello"}),
        json.dumps({"visible": "ü" * 3000}, ensure_ascii=False),
        json.dumps({"visible": " " * 3000}),
        json.dumps({"password": "short", "rest": "r" * 150}),
    ],
)
def test_a_preview_is_cut_after_it_was_masked(kit: StoreKit, payload: str):
    kit.enqueue("plain", payload=payload.encode())
    worker = kit.worker()
    claim = kit.claim(worker)[0]
    expected = preview(REDACTOR.mask_json(payload.encode()))
    for inspector in (masked(kit), masked(kit)):
        item = only(inspector.jobs(JobFilter()))
        assert (item.payload_preview, item.payload_bytes) == (expected, len(payload.encode()))
    assert only(masked(kit).jobs(JobFilter(text="plain"))).payload_preview == expected  # as a search reads it
    worker.fail([failed(claim)])
    assert only(masked(kit).jobs(JobFilter())).payload_preview == expected


def test_groups_show_the_masked_line_of_a_job_that_is_dead(kit: StoreKit):
    die(kit, f"no {SECRET}")
    gone = die(kit, f"never {SECRET}")
    die_again = DeadLetterQueue(kit.store, REDACTOR)
    assert {line.error for line in die_again.groups()} == {"ValueError: no •••", "ValueError: never •••"}
    kit.client.call("HDEL", kit.keys.metadata, gone)
    assert {line.error for line in die_again.groups()} == {"ValueError: no •••", "ValueError: •••"}
    [largest] = die_again.groups(GroupsWanted(most=1))
    assert largest.count == 1


def test_a_group_outlives_the_job_it_shows_without_telling_more(kit: StoreKit):
    first, second = die(kit, f"no {SECRET}"), die(kit, f"no {SECRET}")
    Steering(kit.store).retry(second, b"{}")
    [line] = DeadLetterQueue(kit.store, REDACTOR).groups()
    assert (line.count, line.error) == (1, "ValueError: •••")
    assert masked(kit).job(first).error == "ValueError: no •••"


def test_an_unreadable_record_is_a_row_for_everybody(kit: StoreKit):
    job_id = kit.enqueue(payload=BODY)
    kit.client.call("HSET", kit.keys.metadata, job_id, b"\xc1nonsense")
    assert only(masked(kit).jobs(JobFilter())).unreadable
    assert SECRET not in texts(masked(kit).job(job_id))


def test_after_more_replacements_than_are_looked_through_only_the_type_of_an_error_is_shown(kit: StoreKit):
    job_id = die(kit, f"no {SECRET}")
    worker = kit.worker()
    for _ in range(MOST_VERSIONS):
        Steering(kit.store).retry(job_id, b"{}")
        (claim,) = kit.claim(worker)
        worker.fail([failed(claim, final=True)])
    view = masked(kit).job(job_id)
    assert view.payload_version == MOST_VERSIONS + 1
    assert (view.error, {attempt.error_message for attempt in view.attempts}) == ("ValueError: •••", {MASK})
