"""What viewers are told of: what changes, soon, escaped, and never too much."""

from __future__ import annotations

import json
import time

from jobs.filtering import JobFilter
from jobs.store.operation import Action
from jobs.types import Failure
from tests.monitoring.live_fixtures import ALL, empty, session, site
from tests.support.jobs import failed

__all__ = ["empty", "session", "site"]

EVIL = "<script>alert(1)</script>"


def die(site, error=EVIL, **options):
    claim = site.kit.claimed(**options)
    site.kit.worker().fail([failed(claim, Failure("ValueError", error, "", "f" * 16), final=True)])
    return claim.id


def test_every_topic_comes_once_at_the_start(site, session):
    with site.viewer(session, *ALL) as viewer:
        topics = [viewer.read()["topic"] for _ in ALL]
    assert sorted(topics) == sorted(ALL)
    assert [frame["seq"] for frame in viewer.frames] == list(range(1, len(ALL) + 1))


def test_a_job_that_is_enqueued_is_there_in_less_than_a_second(site, session):
    with site.viewer(session, "jobs", "status", "queues") as viewer:
        viewer.until("jobs")
        started = time.monotonic()
        job_id = site.kit.enqueue(queue="mail")
        jobs = viewer.until("jobs", lambda data: data["rows"])
        assert time.monotonic() - started < 1.0
        assert [row["key"] for row in jobs["rows"]] == [job_id]
        assert jobs["created"] == 1
        status = viewer.until("status", lambda data: data["counts"]["pending"] == 1)
        assert status["totals"]["total"] == 1
        queues = viewer.until("queues", lambda data: data["count"] == 2)
        assert [row["key"] for row in queues["rows"]] == ["mail", "default"]


def test_dead_jobs_are_counted_by_error(site, session):
    die(site, queue="a")
    die(site, queue="b")
    with site.viewer(session, "dlq") as viewer:
        data = viewer.until("dlq", lambda data: data["dead"] == 2)
        assert [(group["fingerprint"], group["count"]) for group in data["groups"]] == [("f" * 16, 2)]


def test_an_operation_tells_how_far_it_is(site, session):
    die(site)
    with site.viewer(session, "operations") as viewer:
        assert viewer.until("operations")["items"] == []
        made = site.kit.store.operations.open(Action.RETRY, JobFilter(), started_by="ada")
        [item] = viewer.until("operations", lambda data: data["items"])["items"]
        assert (item["operationId"], item["action"], item["total"], item["done"]) == (made.id, "retry", 1, 0)


def test_what_jobs_carry_is_text(site, session):
    site.kit.enqueue(payload=json.dumps({EVIL: EVIL}).encode(), tags=(EVIL,))
    died = die(site, queue="q")
    with site.viewer(session, *ALL) as viewer:
        rows = viewer.until("jobs", lambda data: len(data["rows"]) == 2)["rows"]
        for topic in ALL:
            if not any(frame["topic"] == topic for frame in viewer.frames):
                viewer.until(topic)
    assert EVIL not in json.dumps(viewer.frames)
    [row] = [row for row in rows if row["key"] == died]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in row["html"]


def test_rows_have_neither_buttons_nor_payloads_nor_what_is_masked(site, session):
    died = die(site, error="no hunter2", queue="q", payload=b'{"user": "bob", "password": "hunter2"}')
    with site.viewer(session, "jobs", "queues", "workers") as viewer:
        [row] = viewer.until("jobs", lambda data: [row["key"] for row in data["rows"]] == [died])["rows"]
        viewer.until("queues")
    assert "ValueError" in row["html"]
    said = json.dumps(viewer.frames)
    for word in ("hunter2", "bob", "<button", "<form", "<input"):
        assert word not in said, word


def test_a_record_that_cannot_be_read_is_a_row(site, session):
    site.kit.enqueue("bad")
    site.kit.client.call("HSET", site.kit.keys.metadata, "bad", b"\xc1nonsense")
    with site.viewer(session, "jobs") as viewer:
        [row] = viewer.until("jobs", lambda data: [row["key"] for row in data["rows"]] == ["bad"])["rows"]
    assert "unreadable" in row["html"]


def test_frames_fit_whatever_there_is_to_tell(site, session):
    for number in range(120):
        site.kit.enqueue(queue=f"{'q' * 50}-{number}", type="t" * 128)
    with site.viewer(session, *ALL) as viewer:
        queues = viewer.until("queues", lambda data: data["count"] == 121)
        jobs = viewer.until("jobs", lambda data: data["rows"])
    assert 10 < len(queues["rows"]) <= 50  # LiveViewer.read() asserts the size of each frame
    assert 10 < len(jobs["rows"]) <= 50
