"""Rows of lists of jobs are read once for all who look at them, and tell no more than anybody may see."""

from __future__ import annotations

import json
import re
import time

import pytest

from jobs.types import Envelope, Failure, JobRequest
from monitoring.live.topics import list_topic
from tests.monitoring.live_fixtures import empty, session, site
from tests.support.jobs import completed, failed

__all__ = ["empty", "session", "site"]

EVIL = "<script>alert(1)</script>"
ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;"
MASKED = Failure("ValueError", "no hunter2", "", "f" * 16)


def keys(data):
    return [row["key"] for row in data["rows"]]


def rows_of(viewer, topic, wanted):
    """The rows of a list once it has these jobs, which may have been told before."""
    known = [frame["data"] for frame in viewer.frames if frame["topic"] == topic]
    data = known[-1] if known and keys(known[-1]) == wanted else viewer.until(topic, lambda data: keys(data) == wanted)
    return data["rows"]


def die(site, failure=MASKED, **options):
    claim = site.kit.claimed(**options)
    site.kit.worker().fail([failed(claim, failure, final=True)])
    return claim.id


def listed(site, session, path):
    """The ids of the jobs on a page, and its HTML, as its viewer gets it."""
    with site.web.connect() as connection:
        html = connection.get(path, f"Cookie: sessionid={session}").body.decode()
    return re.findall(r'<tr data-key="([^"]+)"', html), html


def test_each_state_has_a_list_and_a_mixture_has_none():
    states = ("pending", "active", "scheduled", "retrying", "completed", "dead", "cancelled")
    assert [list_topic([state]) for state in states] == [f"list-{state}" for state in states]
    assert list_topic([]) == "list"
    assert [list_topic(wanted) for wanted in (["blocked"], ["dead", "cancelled"], ["nonsense"])] == ["", "", ""]


def test_a_list_brings_the_rows_of_its_first_page_in_order(site, session):
    site.kit.enqueue_many(3, queue="mail")
    died = [die(site, queue=f"q{number}") for number in range(2)]
    worker = site.kit.worker()
    claim = site.kit.claimed(worker, queue="done")
    worker.complete([completed(claim)])
    for topic, path in (
        ("list", "/jobs/"), ("list-pending", "/jobs/?status=pending"), ("list-dead", "/jobs/?status=dead"),
        ("list-dead", "/dead-letters/jobs/"), ("list-completed", "/jobs/?status=completed"),
    ):  # fmt: skip
        ids, html = listed(site, session, path)
        with site.viewer(session, topic) as viewer:
            rows_of(viewer, topic, ids)
        assert f'data-live-topics="{topic}"' in html
    assert listed(site, session, "/jobs/?status=dead")[0] == died[::-1]


def test_a_job_goes_from_the_list_of_one_state_to_that_of_another(site, session):
    worker = site.kit.worker()
    claim = site.kit.claimed(worker)
    with site.viewer(session, "list-active", "list-completed") as viewer:
        viewer.until("list-active", lambda data: keys(data) == [claim.id])
        worker.complete([completed(claim)])
        rows_of(viewer, "list-completed", [claim.id])
        rows_of(viewer, "list-active", [])


@pytest.mark.parametrize("whose", ["masked", "whole"])
def test_the_page_after_the_rows_that_came_goes_on_where_they_end(site, whose):
    session = site.session("ada" if whose == "masked" else "eve")
    made = site.kit.enqueue_many(70)[::-1]
    with site.viewer(session, "list", "list-pending") as viewer:
        for topic, path in (("list", "/jobs/?"), ("list-pending", "/jobs/?status=pending&")):
            rows_of(viewer, topic, made[:50])
            [*_, data] = [frame["data"] for frame in viewer.frames if frame["topic"] == topic]
            ids, html = listed(site, session, f"{path}cursor={data['older'][whose]}")
            assert ids == made[50:]
            assert "data-live-topics=" not in html[html.index('id="list"') :]


def test_after_the_last_job_there_is_no_other_page(site, session):
    made = site.kit.enqueue_many(50)[::-1]
    with site.viewer(session, "list") as viewer:
        assert viewer.until("list", lambda data: keys(data) == made)["older"] is None
        latest = site.kit.enqueue()
        assert viewer.until("list", lambda data: keys(data) == [latest, *made[:-1]])["older"]


def test_what_does_not_fit_is_on_the_next_page(site, session):
    made = [site.kit.enqueue(type=f"{'t' * 120}{number:03}", queue="q" * 60, job_id=f"{'i' * 120}{number:03}")
            for number in range(55)]  # fmt: skip
    with site.viewer(session, "list") as viewer:  # which holds each frame to 64 KiB
        data = viewer.until("list", lambda data: keys(data)[:1] == made[-1:])
    shown = len(data["rows"])
    assert 20 < shown < 50
    assert keys(data) == made[::-1][:shown]
    ids, _ = listed(site, session, f"/jobs/?cursor={data['older']['masked']}")
    assert ids == made[::-1][shown:]


def test_what_jobs_carry_is_text_in_the_rows_of_lists(site, session):
    envelope = Envelope(json.dumps({EVIL: EVIL}).encode(), 1000, tags=(EVIL,))
    site.kit.producer.enqueue([JobRequest(id="evil", type=EVIL, queue=EVIL, envelope=envelope)])
    worker = site.kit.worker(EVIL)
    [claim] = worker.claim([(EVIL, 1)], 1)
    worker.fail([failed(claim, Failure(EVIL, EVIL, EVIL, "e" * 16), final=True)])
    with site.viewer(session, "list", "list-dead") as viewer:
        rows = [rows_of(viewer, topic, ["evil"]) for topic in ("list", "list-dead")]
    assert EVIL not in json.dumps(viewer.frames)
    for [row] in rows:
        assert row["html"].count(ESCAPED) >= 4  # type, queue, worker, error


def test_rows_of_lists_are_neutral(site, session):
    died = die(site, queue="q", payload=b'{"user": "bob", "password": "hunter2"}')
    waits = site.kit.enqueue(payload=b'{"user": "bob"}')
    with site.viewer(session, "list", "list-dead", "list-pending") as viewer:
        for topic, wanted in (("list", [waits, died]), ("list-dead", [died]), ("list-pending", [waits])):
            rows_of(viewer, topic, wanted)
    said = json.dumps(viewer.frames)
    assert "ValueError" in said
    for word in ("hunter2", "bob", "<button", "<form", "<input", "style="):
        assert word not in said, word


def test_records_that_cannot_be_read_stand_where_they_are(site, session):
    site.kit.enqueue("bad")
    site.kit.client.call("HSET", site.kit.keys.metadata, "bad", b"\xc1nonsense")
    with site.viewer(session, "list", "list-pending", "list-dead") as viewer:
        for topic in ("list", "list-pending"):
            [row] = rows_of(viewer, topic, ["bad"])
            assert "unreadable" in row["html"]


def test_lists_are_read_at_most_four_times_a_second_and_once_for_all(site, session):
    viewers = [site.viewer(session, "list") for _ in range(20)]
    for viewer in viewers:
        viewer.until("list")
    started, before = time.monotonic(), looks(site)
    for _ in range(8):
        made = site.kit.enqueue()
        for viewer in viewers:
            viewer.until("list", lambda data, made=made: made in keys(data))
    done = looks(site) - before
    assert 8 <= done <= 4 * (time.monotonic() - started) + 2
    for viewer in viewers:
        viewer.close()


def looks(site):
    """How often an index was read."""
    with site.server.client() as client:
        return int(client.info("commandstats")["cmdstat_zrange"]["calls"])


def test_a_list_that_nobody_looks_at_is_not_read(site, session):
    with site.viewer(session, "list-dead") as viewer:
        viewer.until("list-dead")
        viewer.subscribe()
        site.await_silence()
