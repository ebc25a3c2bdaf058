"""The first page: behind a login, useful without scripts, safe with what jobs contain."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client

from jobs.models import AuditEntry
from jobs.store.registry import WorkerInfo
from jobs.types import Failure
from tests.monitoring.people import token
from tests.support.jobs import failed

EVIL = "<script>alert(1)</script>"


def die(kit, **options):
    worker = kit.worker()
    claim = kit.claimed(worker, **options)
    worker.fail([failed(claim, Failure("ValueError", EVIL, "", "f" * 16), final=True)])
    return claim.id


def test_nobody_sees_it_without_a_login(api):
    response = Client().get("/")
    assert (response.status_code, response["Location"]) == (302, "/login/?next=/")


def test_a_person_logs_in_and_out(api, db):
    get_user_model().objects.create_superuser("ada", password="x")
    client = Client()
    wrong = client.post("/login/", {"username": "ada", "password": "y"})
    assert b"do not match" in wrong.content
    page = client.post("/login/?next=/", {"username": "ada", "password": "x", "next": "/"}, follow=True)
    assert b"<h1>Overview</h1>" in page.content
    assert b"User name" in client.post("/logout/", follow=True).content


def test_it_shows_counts_latest_jobs_and_dead_ones(api, kit, person):
    kit.enqueue_many(1234, type="send-email")
    dead = die(kit, type="charge-card", queue="payments")
    page = person().get("/").content.decode()
    assert re.search(r"status.counts.pending[^>]*>1,234<", page)
    assert "send-email" in page
    assert f"/jobs/{dead}/retry/" in page
    assert "payments" in page
    assert "No worker is alive" in page


def test_an_empty_installation_says_what_to_type(api, person):
    page = person().get("/").content.decode()
    assert "curl http://testserver/api/jobs" in page


def test_what_jobs_contain_is_text(api, kit, person):
    kit.enqueue(payload=b'"' + EVIL.encode() + b'"')
    die(kit, queue="q")
    page = person().get("/").content.decode()
    assert EVIL not in page
    assert "&lt;script&gt;" in page


def test_a_dead_job_is_retried_by_a_form(api, kit, person):
    job_id = die(kit)
    client = person()
    page = client.get("/")
    path = f"/jobs/{job_id}/retry/"
    assert client.post(path).status_code == 403
    assert kit.state(job_id).label == "dead"
    done = client.post(path, {"csrfmiddlewaretoken": token(page)}, follow=True)
    assert kit.state(job_id).label == "pending"
    assert f"Retried job {job_id}" in done.content.decode()
    again = client.post(path, {"csrfmiddlewaretoken": token(done)}, follow=True)
    said = "Only a dead job can be retried. It is in its queue and starts as soon as a worker is free."
    assert f"The job is pending. {said}" in again.content.decode()
    entries = AuditEntry.objects.order_by("id").values_list("action", "actor", "target_id", "address", "status")
    assert list(entries) == [
        ("job.retry", "ada", job_id, "127.0.0.1", "done"),
        ("job.retry", "ada", job_id, "127.0.0.1", "failed"),
    ]


def test_who_may_only_look_has_no_button_and_no_way_around(api, kit, person):
    job_id = die(kit)
    client = person("Viewer")
    page = client.get("/")
    assert f"/jobs/{job_id}/retry/" not in page.content.decode()
    refused = client.post(f"/jobs/{job_id}/retry/", {"csrfmiddlewaretoken": token(page)})
    assert refused.status_code == 403
    assert kit.state(job_id).label == "dead"


def test_who_is_in_no_group_sees_nothing_and_reads_why(api, kit, person):
    die(kit)
    page = person(role="").get("/")
    assert page.status_code == 403
    assert "You lack a right: can look at jobs, queues, workers and figures." in page.content.decode()


def test_a_record_that_cannot_be_read_is_a_row(api, kit, person):
    kit.enqueue("bad")
    dead = die(kit, queue="q")
    for job_id in ("bad", dead):
        kit.client.call("HSET", kit.keys.metadata, job_id, b"\xc1nonsense")
    page = person().get("/")
    assert page.status_code == 200
    assert page.content.decode().count("unreadable record") == 3


def test_while_the_store_is_away_the_page_says_so(api_config, use, person, gone_url):
    use(replace(api_config, redis_url=gone_url))
    client = person()
    page = client.get("/")
    assert page.status_code == 503
    assert b"The store is away" in page.content
    tried = client.post("/jobs/x/retry/", {"csrfmiddlewaretoken": token(page)})
    assert tried.status_code == 302


def test_pages_need_neither_inline_styles_nor_scripts(api, kit, person):
    die(kit)
    client = person()
    for page in (client.get("/").content.decode(), Client().get("/login/").content.decode()):
        assert not re.search(r"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=", page)
    css = Path(settings.BASE_DIR, "static/css")
    assert "tabular-nums" in (css / "base.css").read_text(encoding="utf-8")
    assert "light-dark(" in (css / "tokens.css").read_text(encoding="utf-8")


@pytest.mark.parametrize(("role", "sees"), [("Viewer", False), ("Operator", False), ("Admin", True)])
def test_fields_are_masked_for_those_who_may_not_see_payloads(api, kit, person, role, sees):
    worker = kit.worker()
    claim = kit.claimed(worker, payload=b'{"user": "bob", "password": "hunter2"}')
    worker.fail([failed(claim, Failure("ValueError", "no hunter2", "", "f" * 16), final=True)])
    page = person(role).get("/").content.decode()
    assert ("hunter2" in page) is sees
    assert ("ValueError: no •••" in page) is not sees


def test_jobs_that_are_claimed_ahead_are_not_said_to_run(api, kit, person):
    crowded = WorkerInfo(
        id="w", incarnation="0" * 16, pool="default", host="h", pid=1, queues=("default",), types=(), concurrency=2
    )
    kit.store.registry.heartbeat(crowded)
    kit.enqueue_many(3)
    kit.claim(kit.worker("w"), 3)
    page = person().get("/").content.decode()
    assert re.search(r"workers.running[^>]*>2<.*workers.slots[^>]*>2<", page)
    assert re.search(r'data-value="1">\+<span[^>]*>1</span> claimed<', page)
