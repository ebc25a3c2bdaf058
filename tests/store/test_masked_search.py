"""What somebody from whom fields are hidden can find: nothing that is not shown."""

from __future__ import annotations

import pytest

from jobs.errors import InvalidJob
from jobs.filtering import JobFilter
from jobs.inspector import Inspector
from jobs.redaction import Redactor
from jobs.states import State
from jobs.steering import Steering
from jobs.store.operation import Action
from jobs.types import Failure
from tests.support.jobs import StoreKit, failed

REDACTOR = Redactor(("password", "card*"))
BODY = b'{"user": "Bob", "password": "hunter2", "card": {"number": 4111}, "note": "hunter3 \\u00fcber"}'
PRINT = "ab" * 8


def found(kit: StoreKit, redactor: Redactor | None = REDACTOR, **criteria) -> int:
    return len(Inspector(kit.store, redactor).jobs(JobFilter(**criteria)).items)


def die(kit: StoreKit, message: str, payload: bytes = BODY) -> str:
    worker = kit.worker()
    claim = kit.claimed(worker, payload=payload)
    worker.fail([failed(claim, Failure("ValueError", message, "", PRINT), final=True)])
    return claim.id


@pytest.mark.parametrize("text", ["hunter2", "HUNTER2", "4111", "number", "nter2"])
def test_what_is_hidden_in_a_payload_is_not_found(kit: StoreKit, text: str):
    kit.enqueue(payload=BODY)
    assert found(kit, None, text=text) == 1
    assert found(kit, text=text) == 0


@pytest.mark.parametrize("text", ["bob", "hunter3", "über", "password", "the-id"])
def test_what_is_shown_is_found(kit: StoreKit, text: str):
    kit.enqueue("the-id-of-it", payload=BODY)
    assert found(kit, text=text) == 1


def test_a_value_that_is_hidden_in_one_field_and_shown_in_another_is_found(kit: StoreKit):
    kit.enqueue(payload=b'{"password": "hunter2", "copy": "hunter2"}')
    assert found(kit, text="hunter2") == 1


def test_a_mask_finds_nothing(kit: StoreKit):
    kit.enqueue(payload=BODY)
    assert found(kit, text="•••") == 0


def test_a_payload_that_cannot_be_read_is_found_by_its_id_alone(kit: StoreKit):
    kit.enqueue("broken", payload=b'{"note": "bob", "password": "hunter2"')
    assert found(kit, None, text="hunter2") == 1
    assert (found(kit, text="hunter2"), found(kit, text="note"), found(kit, text="brok")) == (0, 0, 1)


@pytest.mark.parametrize("error", ["hunter2", "is hun", "abc", "TOKEN-7"])
def test_what_is_hidden_in_an_error_is_not_found(kit: StoreKit, error: str):
    die(kit, "no user Bob, it is hunter2, password=abc, card: token-7")
    assert found(kit, None, errors=(error,)) == 1
    assert found(kit, errors=(error,)) == 0
    assert found(kit, errors=(error, "no user")) == 1


@pytest.mark.parametrize("error", ["valueerror", "no user BOB", PRINT])
def test_what_is_shown_of_an_error_is_found(kit: StoreKit, error: str):
    die(kit, "no user Bob, it is hunter2")
    assert found(kit, errors=(error,)) == 1
    assert found(kit, errors=(error,), states=(State.DEAD,)) == 1


def test_an_error_whose_payload_was_replaced_or_is_lost_is_found_by_its_type_alone(kit: StoreKit):
    retried, lost = die(kit, "no user Bob"), die(kit, "no user Bob")
    Steering(kit.store).retry(retried, b"{}")
    kit.client.call("HSET", kit.keys.data, lost, b"\xc1nonsense")
    assert found(kit, None, errors=("no user",)) == 2
    assert found(kit, errors=("no user",)) == 0
    assert found(kit, errors=("ValueError",)) == 2


def test_the_mask_does_not_open_other_words_of_an_error(kit: StoreKit):
    die(kit, "no user Bob, it is hunter2")
    assert found(kit, errors=("hun", "•••")) == found(kit, errors=("xyz", "•••"))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [(JobFilter(text="hunt"), JobFilter(text="hunx")), (JobFilter(errors=("hunt",)), JobFilter(errors=("hunx",)))],
    ids=["in payloads", "in errors"],
)
def test_how_far_a_step_looks_does_not_tell_what_is_hidden(kit: StoreKit, right: JobFilter, wrong: JobFilter):
    body = b'{"password": "hunter2", "note": "%s"}' % (b"x" * 1_000_000)
    for _ in range(11):  # more than a step reads
        die(kit, "no user Bob, it is hunter2", body)
    inspector = Inspector(kit.store, REDACTOR)
    pages = [inspector.jobs(guess) for guess in (right, wrong)]
    assert [page.items for page in pages] == [[], []]
    assert pages[0].searched == pages[1].searched
    assert not pages[0].searched.complete


def test_a_list_goes_on_only_for_those_who_see_the_same(kit: StoreKit):
    kit.enqueue_many(3, payload=BODY)
    wanted = JobFilter(text="bob")
    masked, whole = Inspector(kit.store, REDACTOR), Inspector(kit.store)
    cursor = masked.jobs(wanted, 1).next_cursor
    assert cursor is not None
    assert len(masked.jobs(wanted, 5, cursor).items) == 2
    with pytest.raises(InvalidJob, match="another query"):
        whole.jobs(wanted, 5, cursor)


def test_a_filter_cannot_lift_the_mask(kit: StoreKit):
    kit.enqueue(payload=BODY)
    assert found(kit, text="hunter2", masked=()) == 0
    assert found(kit, text="hunter2", masked=("other",)) == 0


def test_an_operation_remembers_what_was_masked_for_who_asked(kit: StoreKit):
    die(kit, "boom")
    wanted = JobFilter(states=(State.DEAD,), text="hunter2")
    made = kit.store.operations.open(Action.RETRY, wanted.seen_through(REDACTOR))
    kept = kit.store.operations.get(made.id)
    assert kept is not None
    assert kept.filter.masked == REDACTOR.patterns
    open_to_all = kit.store.operations.open(Action.RETRY, wanted.seen_through(None))
    assert open_to_all.filter.masked == ()
