"""An Idempotency-Key starts one operation, puts it on record once, and gives the first answer to the byte."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from jobs.errors import StoreUnavailable
from jobs.models import AuditEntry, Status
from jobs.store.markers import Markers
from jobs.store.operations import Operations
from tests.api.conftest import Api, problem
from tests.api.test_operations import carry_out, dead

__all__ = ["carry_out", "dead"]

KEY = {"Idempotency-Key": "once"}
ALL = {"action": "retry", "filter": {}, "all": True}
SEARCH = {"action": "retry", "filter": {"type": "mail", "q": "nothing"}}


def start(api: Api, body=ALL):
    answer = api.post("/dlq/operations", body, **KEY)
    assert answer.status_code == 202, answer.content
    return answer


def operations(api: Api) -> list[str]:
    return [each["operationId"] for each in api.get("/operations").json()["items"]]


@pytest.fixture
def one_after_the_other(monkeypatch):
    """Let no operation begin before another request with its key waits for the answer."""
    waits = threading.Event()
    begin, look = Operations.open, Markers.find

    def opening(*args, **options):
        assert waits.wait(10)
        return begin(*args, **options)

    def looking(*args):
        waits.set()
        return look(*args)

    monkeypatch.setattr(Operations, "open", opening)
    monkeypatch.setattr(Markers, "find", looking)


def test_two_starts_at_once_are_one_operation_and_one_entry(api, kit, one_after_the_other):
    def run(client: Api) -> tuple[bytes, str]:
        try:
            answer = start(client)
            return answer.content, answer["Location"]
        finally:
            connections.close_all()

    clients = [Api(**api.headers), Api(**api.headers)]
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(run, clients)
    assert first == second
    assert len(operations(api)) == 1
    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize("body", [ALL, SEARCH])
def test_a_repeat_gives_the_first_answer_to_the_byte(api, dead, carry_out, body):
    first = start(api, body)
    carry_out(first.json()["operationId"])
    again = start(api, body)
    assert (again.content, again["Location"]) == (first.content, first["Location"])
    assert first.json()["matched"] == (None if body is SEARCH else 13)


def test_a_repeat_starts_nothing_when_the_first_is_long_forgotten(api, kit):
    first = start(api)
    kit.client.call("DEL", kit.keys.operations, kit.keys.operations_open)
    assert start(api).content == first.content
    assert operations(api) == []


def test_what_a_process_left_unfinished_is_finished_by_a_repeat(api, kit, monkeypatch):
    monkeypatch.setattr("jobs.api.idempotency.PATIENCE_SECONDS", 0)

    def silent(*args, **options):
        raise StoreUnavailable("nobody knows whether it began", "busy")

    with monkeypatch.context() as patch:
        patch.setattr(Operations, "open", silent)
        problem(api.post("/dlq/operations", ALL, **KEY), 503, "store_unavailable")
    again = start(api)
    assert start(api).content == again.content
    assert operations(api) == [again.json()["operationId"]]
    entries = AuditEntry.objects.order_by("id")
    assert [entry.status for entry in entries] == [Status.FAILED, Status.DONE]
    assert [entry.detail.get("repeated") for entry in entries] == [None, True]
    assert {entry.operation_id for entry in entries} == {again.json()["operationId"]}


def test_an_answer_that_outlived_its_key_is_given_to_nobody(api, kit):
    first = start(api)
    [marker] = [key for key in kit.client.call("KEYS", "*idempotency*") if not key.endswith(b"/answer")]
    kit.client.call("DEL", marker)
    second = start(api, SEARCH)
    assert second.content != first.content
    assert start(api, SEARCH).content == second.content
