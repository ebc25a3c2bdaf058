"""Queues, workers and the audit trail in the browser: who sees what, and what their forms do."""

import re

import pytest

from jobs.store.registry import WorkerInfo
from tests.monitoring.people import submit

WORKER = WorkerInfo(
    id="w-1", incarnation="0" * 16, pool="default", host="h<b>", pid=7, queues=("mail",), types=("send",),
    concurrency=5, running=(("job-x", "send", 1_700_000_000_000),), rss=50_000_000,
)  # fmt: skip


def shown(client, path):
    page = client.get(path)
    assert page.status_code == 200, page.content
    return page.content.decode()


@pytest.mark.parametrize("path", ["/queues/", "/workers/", "/audit/", "/jobs/", "/dead-letters/", "/operations/"])
def test_pages_are_behind_the_login_and_stay_when_nothing_is_there(api, person, path):
    from django.test import Client

    assert Client().get(path)["Location"] == f"/login/?next={path}"
    assert "<h1>" in shown(person(), path)


def test_queues_are_paused_resumed_and_purged(api, kit, person):
    waiting = kit.enqueue_many(3, queue="mail")
    client = person()
    page = client.get("/queues/")
    assert submit(client, page, "/queues/mail/pause/").status_code == 200
    assert kit.reader.paused().keys() == {"mail"}
    submit(client, page, "/queues/mail/resume/")
    assert kit.reader.paused() == {}
    asked = client.get("/queues/mail/purge/")
    assert "Delete 3 jobs of mail" in asked.content.decode()
    [key] = re.findall(r'name="key" value="(\w+)"', asked.content.decode())
    first = submit(client, asked, "/queues/mail/purge/", key=key, reason="a test")
    again = submit(client, asked, "/queues/mail/purge/", key=key, reason="a test")
    assert first.redirect_chain == again.redirect_chain
    [operation] = kit.store.operations.latest(5)
    assert (operation.action, operation.filter.queues, operation.reason) == ("purge", ("mail",), "a test")
    assert len(waiting) == 3
    assert client.get("/queues/nothing/purge/").status_code == 404


def test_a_type_is_paused_and_resumed(api, kit, person):
    kit.store.registry.heartbeat(WORKER)
    client = person()
    page = client.get("/queues/")
    assert 'action="/types/send/pause/"' in page.content.decode()
    submit(client, page, "/types/send/pause/")
    assert list(kit.store.type_pauses.all()) == ["send"]
    submit(client, page, "/types/send/resume/")
    assert kit.store.type_pauses.all() == {}


def test_workers_tell_what_they_run_and_drain(api, kit, person):
    kit.store.registry.heartbeat(WORKER)
    client = person()
    page = client.get("/workers/")
    html = page.content.decode()
    assert 'href="/jobs/job-x/"' in html
    assert "48 MiB" in html
    assert "h<b>" not in html
    submit(client, page, "/workers/w-1/drain/")
    assert kit.client.call("LRANGE", kit.keys.control("w-1"), 0, -1) == [b"drain"]


def test_a_queue_that_nobody_serves_is_said(api, kit, person):
    kit.store.registry.heartbeat(WORKER)
    kit.enqueue(queue="mail")
    assert "No worker serves" not in shown(person(), "/workers/")
    kit.enqueue_many(2, queue="lonely")
    html = shown(person(name="eve"), "/workers/")
    assert re.search(r'No worker serves <a href="[^"]*queue=lonely">lonely</a>, where 2 jobs wait', html)


def test_the_trail_is_filtered_by_its_address(api, kit, person):
    kit.enqueue(queue="mail")
    client = person()
    page = client.get("/queues/")
    submit(client, page, "/queues/mail/pause/", reason="<i>too fast</i>")
    submit(client, page, "/queues/mail/resume/")
    html = shown(client, "/audit/?action=queue.pause")
    assert "paused a queue" in html
    assert html.count("<tr data-key") == 1
    assert "&lt;i&gt;too fast" in html
    assert shown(client, "/audit/?q=nobody").count("<tr data-key") == 0
    assert shown(client, "/audit/?target=queue:mail").count("<tr data-key") == 2
    assert client.get("/audit/?after=yesterday").status_code == 422


def test_who_may_only_look_changes_nothing(api, kit, person):
    kit.enqueue(queue="mail")
    kit.store.registry.heartbeat(WORKER)
    client = person("Viewer")
    page = client.get("/queues/")
    assert "/pause/" not in page.content.decode()
    assert "/purge/" not in page.content.decode()
    assert "/drain/" not in shown(client, "/workers/")
    for path in ("/queues/mail/pause/", "/queues/mail/purge/", "/types/send/pause/", "/workers/w-1/drain/"):
        assert submit(client, page, path).status_code == 403, path
    assert client.get("/audit/").status_code == 403
    assert kit.reader.paused() == {}
