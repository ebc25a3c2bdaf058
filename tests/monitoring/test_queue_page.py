"""The page of one queue: its figures, its charts, and what leads there."""

from __future__ import annotations

import re


def test_a_queue_has_its_figures_and_charts_of_its_own(api, kit, person):
    for name in ("mail", "mail", "slow"):
        kit.enqueue(queue=name)
    client = person()
    page = client.get("/queues/mail/?range=6h").content.decode()
    assert "<h1>mail</h1>" in page
    assert re.findall(r'<tr data-key="([^"]+)"', page) == ["mail"]
    assert 'data-label="normal">2<' in page
    assert re.findall(r'data-chart="(\w+)"', page) == ["throughput", "depth", "latency", "wait", "processing"]
    assert 'data-range="6h" data-queue="mail"' in page
    assert 'href="/jobs/?queue=mail"' in page
    assert '<a href="/queues/mail/">mail</a>' in client.get("/queues/").content.decode()
    part = client.get("/queues/mail/", headers={"HX-Request": "true", "HX-Target": "queue"}).content.decode()
    assert part.startswith('<section class="card" id="queue"')


def test_there_is_no_page_of_a_queue_that_is_none(api, person):
    answer = person().get("/queues/nowhere/")
    assert answer.status_code == 404
    assert "There is no such queue." in answer.content.decode()


def test_a_viewer_has_no_buttons_there(api, kit, person):
    kit.enqueue(queue="mail")
    page = person("Viewer").get("/queues/mail/").content.decode()
    assert "/queues/mail/pause/" not in page
    assert "/queues/mail/pause/" in person("Operator", "bob").get("/queues/mail/").content.decode()
