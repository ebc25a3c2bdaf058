"""The audit trail says of operations how many jobs they changed, once they are over."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from jobs.errors import StoreUnavailable
from jobs.models import AuditEntry
from jobs.store.operations import Operations
from tests.api.conftest import problem
from tests.api.test_operations import carry_out, dead
from tests.support.polling import wait_until

__all__ = ["carry_out", "dead"]


def start(api, body, path="/dlq/operations") -> str:
    return str(api.post(path, body).json()["operationId"])


def shown(api, operation_id):
    [item] = api.get(f"/audit?operationId={operation_id}&action=dlq.operation").json()["items"]
    facts = {name: value for name, value in item["detail"].items() if name not in {"filter", "action"}}
    return item["count"], facts


def test_an_operation_is_counted_when_it_is_over(api, dead, carry_out):
    started = start(api, {"action": "retry", "filter": {"error": "e" * 16}})
    meant = {"matched": 3, "errors": [{"error": "KeyError", "types": ["etl"]}]}
    assert shown(api, started) == (None, meant)
    carry_out(started)
    assert shown(api, started) == (3, meant | {"failed": 0, "ended": "done"})
    assert AuditEntry.objects.get().count == 3


def test_what_had_to_be_left_alone_is_counted_too(api, dead, carry_out):
    started = start(api, {"action": "retry", "filter": {"jobIds": [dead[0][0], "nobody"]}})
    carry_out(started)
    assert shown(api, started) == (1, {"matched": 1, "failed": 1, "ended": "done"})


def test_an_operation_that_no_index_counts_is_counted(api, dead, carry_out):
    started = start(api, {"action": "delete", "filter": {"type": "mail", "q": "nothing"}})
    carry_out(started)
    assert shown(api, started) == (0, {"failed": 0, "ended": "done"})


def test_an_aborted_one_counts_what_it_has_done(api, dead, carry_out):
    started = start(api, {"action": "retry", "filter": {"type": "mail"}, "ratePerSecond": 0.001})
    assert api.post(f"/operations/{started}/abort").status_code == 200
    done = carry_out(started)["done"]
    assert shown(api, started) == (done, {"matched": 10, "failed": 0, "ended": "aborted"})


def test_the_next_start_counts_those_before(api, dead, carry_out):
    started = start(api, {"action": "retry", "filter": {"type": "mail"}})
    carry_out(started)
    start(api, {"action": "retry", "filter": {"type": "none"}})
    wait_until(lambda: AuditEntry.objects.get(operation_id=started).count == 10)


def test_the_admin_shows_it_as_well(api, dead, carry_out):
    started = start(api, {"action": "retry", "filter": {"type": "mail"}})
    carry_out(started)
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("ada"))
    page = client.get("/admin/jobs/auditentry/").content.decode()
    assert '<td class="field-how_many">10</td>' in page


def test_of_one_that_the_store_has_forgotten_nobody_knows(api, kit):
    started = start(api, {"action": "retry", "filter": {}, "all": True})
    kit.client.call("DEL", kit.keys.operations, kit.keys.operations_open)
    assert shown(api, started) == (None, {"matched": 0})


def test_the_trail_can_be_read_while_the_store_is_silent(api, monkeypatch):
    started = start(api, {"action": "retry", "filter": {}, "all": True})

    def silent(*args):
        raise StoreUnavailable("away", "connection")

    monkeypatch.setattr(Operations, "several", silent)
    assert shown(api, started) == (None, {"matched": 0})


def test_an_operation_that_cannot_be_decoded_is_listed_by_its_id(api, kit):
    kit.client.call("HSET", kit.keys.operations, "0000000000001abcdef01", b"nonsense")
    started = start(api, {"action": "retry", "filter": {}, "all": True})
    first = api.get("/operations?limit=1").json()
    assert ([each["operationId"] for each in first["items"]], first["unreadable"]) == ([started], [])
    rest = api.get(f"/operations?limit=1&cursor={first['nextCursor']}").json()
    assert rest == {"items": [], "unreadable": ["0000000000001abcdef01"], "nextCursor": None}
    problem(api.get("/operations/0000000000001abcdef01"), 404, "not_found")


@pytest.mark.parametrize("action", ["retry", "delete"])
def test_how_many_there_were_is_a_fact_and_not_the_count(api, dead, action):
    start(api, {"action": action, "filter": {"type": "etl"}})
    entry = AuditEntry.objects.get()
    assert (entry.count, entry.detail["matched"]) == (None, 3)
