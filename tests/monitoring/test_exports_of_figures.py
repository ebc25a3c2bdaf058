"""Lists that come whole, as files: errors, operations, queues, job types, workers."""

import csv
import io
import json

import pytest

from jobs.filtering import JobFilter
from jobs.store.operation import Action
from jobs.store.registry import WorkerInfo
from jobs.store.triage import Verdict
from jobs.types import Failure
from tests.support.jobs import failed

# The test client reads what is sent in pieces at once.
pytestmark = pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")


def beat(kit, name):
    """A worker of two types says that it lives."""
    info = WorkerInfo(
        id=name, incarnation="1" * 16, pool="mailers", host="box", pid=1, queues=("mail",), types=("send", "tell"),
        concurrency=5,
    )  # fmt: skip
    kit.store.registry.heartbeat(info)


def rows_of(client, path):
    """The lines of a CSV file."""
    return list(csv.DictReader(io.StringIO(b"".join(client.get(path)).decode())))


def test_queues_come_as_they_are_listed(api, kit, person):
    kit.enqueue_many(3, queue="mail")
    kit.enqueue(queue="mail-slow")
    kit.enqueue(queue="other")
    kit.store.operator.pause("mail")
    client = person()
    rows = rows_of(client, "/exports/queues.csv")
    assert [row["name"] for row in rows] == ["default", "mail", "mail-slow", "other"]
    names = ("paused", "pending", "high", "normal", "low", "active", "dead")
    assert [rows[1][name] for name in names] == ["true", "3", "0", "3", "0", "0", "0"]
    assert [row["name"] for row in rows_of(client, "/exports/queues.csv?name=MAIL")] == ["mail", "mail-slow"]
    document = json.loads(b"".join(client.get("/exports/queues.json?name=mail-")))
    assert ([queue["name"] for queue in document["items"]], document["complete"]) == (["mail-slow"], True)


def test_errors_come_as_they_are_listed(api, kit, person):
    worker = kit.worker()
    for fingerprint, line in (("a" * 16, "=KeyError"), ("b" * 16, "Timeout")):
        claim = kit.claimed(worker, queue="q", payload=b'{"password":"hunter2"}')
        worker.fail([failed(claim, Failure("E", f"{line} hunter2", "", fingerprint), final=True)])
    kit.store.triage.note("b" * 16, Verdict.IGNORED, "ada", "known")
    client = person("Viewer", "eve")
    [line] = rows_of(client, "/exports/errors.csv")
    assert (line["fingerprint"], line["count"], line["status"]) == ("a" * 16, "1", "open")
    assert "hunter2" not in line["error"]
    [line] = rows_of(client, "/exports/errors.csv?status=ignored")
    assert (line["fingerprint"], line["notedBy"], line["note"]) == ("b" * 16, "ada", "known")
    assert rows_of(client, "/exports/errors.csv?name=nothing-like-it") == []
    assert [row["fingerprint"] for row in rows_of(client, "/exports/errors.csv?name=keyerror")] == ["a" * 16]


def test_operations_come_over_all_pages(api, kit, person, monkeypatch):
    monkeypatch.setattr("monitoring.views.exports.PAGE", 2)
    opened = [kit.store.operations.open(Action.RETRY, JobFilter(queues=("mail",)), reason="=1").id for _ in range(5)]
    rows = rows_of(person("Viewer", "eve"), "/exports/operations.csv")
    assert sorted(row["operationId"] for row in rows) == sorted(opened)  # those of one millisecond in any order
    assert {(row["action"], row["filter"], row["reason"]) for row in rows} == {("retry", '{"queue":["mail"]}', "'=1")}


def test_workers_and_types_come_as_they_are_listed(api, kit, person):
    for name in ("alpha", "beta"):
        beat(kit, name)
    client = person()
    assert [row["id"] for row in rows_of(client, "/exports/workers.csv?name=alph")] == ["alpha"]
    assert [row["pool"] for row in rows_of(client, "/exports/workers.csv")] == ["mailers", "mailers"]
    [line] = rows_of(client, "/exports/types.csv?name=SEN")
    assert (line["type"], line["workers"], line["paused"]) == ("send", "2", "false")


@pytest.mark.parametrize("path", ["/queues/", "/operations/", "/workers/", "/dead-letters/"])
def test_each_list_offers_its_file(api, kit, person, path):
    beat(kit, "alpha")
    worker = kit.worker()
    worker.fail([failed(kit.claimed(worker, queue="q"), Failure("E", "x", "", "a" * 16), final=True)])
    kit.store.operations.open(Action.RETRY, JobFilter(queues=("mail",)))
    name = {"/dead-letters/": "errors"}.get(path, path.strip("/"))
    content = person().get(path).content.decode()
    assert f'href="/exports/{name}.csv' in content
    assert f'href="/exports/{name}.json' in content
