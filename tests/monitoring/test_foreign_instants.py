"""Figures that are no instant, in records that can be decoded otherwise, are no time: every page stays."""

import msgspec
import pytest

from jobs.filtering import JobFilter
from jobs.store.operation import Action
from jobs.store.registry import WorkerInfo
from tests.support.jobs import failed

NONE = (2**63 - 1, 10**15, -1, -(10**15))
FIELDS = ("created", "ready", "claimed", "started", "finished", "duration")
PAGES = ("/", "/jobs/", "/dead-letters/", "/dead-letters/jobs/", "/workers/", "/operations/", "/api/jobs", "/api/dlq",
         "/api/workers", "/api/operations", "/exports/jobs.csv")  # fmt: skip


pytestmark = pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")


def walk(client, *more):
    """What was not shown of all pages, files to their end."""
    found = [(path, client.get(path)) for path in (*PAGES, *more)]
    assert all(b"".join(page) for _, page in found if page.streaming)
    return [(page.status_code, path) for path, page in found if page.status_code != 200]


@pytest.fixture
def dead(kit):
    job_id = kit.enqueue(max_retries=0)
    worker = kit.worker()
    worker.fail([failed(kit.claim(worker)[0], final=True)])
    return job_id


@pytest.mark.parametrize("name", FIELDS)
def test_a_job_with_a_figure_that_is_no_instant_is_shown_without_the_time(api, kit, person, dead, name):
    client = person()
    for figure in NONE:
        record = msgspec.structs.replace(kit.record(dead), **{name: figure})
        kit.client.call("HSET", kit.keys.metadata, dead, msgspec.msgpack.encode(record))
        own = (f"/jobs/{dead}/", f"/jobs/{dead}/?part=live", f"/jobs/{dead}/retry/", f"/api/jobs/{dead}")
        assert (figure, walk(client, *own)) == (figure, [])


def test_a_created_time_that_is_none_is_null(api, kit, person, dead):
    record = msgspec.structs.replace(kit.record(dead), created=10**15)
    kit.client.call("HSET", kit.keys.metadata, dead, msgspec.msgpack.encode(record))
    job = person().get(f"/api/jobs/{dead}").json()
    assert job["createdAt"] is None
    assert {moment["event"] for moment in job["timeline"]} == {"claimed", "failed", "dead"}


def test_workers_and_operations_with_figures_that_are_no_instant_are_shown(api, kit, person):
    registry, operations = kit.store.registry, kit.store.operations
    for figure in NONE:
        registry.heartbeat(WorkerInfo(
            id=f"w{figure}", incarnation="0" * 16, pool="p", host="h", pid=1, queues=("q",), types=("t",),
            concurrency=1, started_ms=figure, running=(("job-x", "t", figure),), rss=figure, busy=figure,
        ))  # fmt: skip
        made = operations.open(Action.DELETE, JobFilter())
        broken = msgspec.structs.replace(made, created=figure, finished=figure)
        kit.client.call("HSET", kit.keys.operations, made.id, msgspec.json.encode(broken))
    assert walk(person()) == []
