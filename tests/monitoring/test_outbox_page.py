"""The page of the outbox, also while the store is away."""

from __future__ import annotations

from jobs import outbox
from jobs.clock import local_ms
from jobs.models import AuditEntry, OutboxEntry
from tests.monitoring.people import submit
from tests.support.jobs import request


def refused(job_id: str = "bad") -> None:
    why = "invalid: there are 1000 <queues> already"
    OutboxEntry.objects.create(job_id=job_id, type="mail", queue="q", request=b"?", accepted_ms=local_ms(), refused=why)


def test_waiting_jobs_are_listed_in_order_without_payloads(without_store, person):
    jobs = [request(payload=b'{"card": "4111"}', type=f"type-{n}") for n in range(60)]
    outbox.accept([outbox.Item(job) for job in jobs], without_store)
    OutboxEntry.objects.filter(job_id=jobs[0].id).update(tries=3, error="connection")
    client = person("Viewer")
    page = client.get("/outbox/")
    html = page.content.decode()
    assert page.status_code == 200
    assert html.index("type-0<") < html.index("type-1<") < html.index("type-49<")
    assert ("type-50<" in html, "4111" in html, "60, in the order in which they are sent" in html) == (
        False,
        False,
        True,
    )
    assert ">3</td>" in html
    assert "connection" in html
    cursor = OutboxEntry.objects.get(job_id=jobs[49].id).pk
    second = client.get(f"/outbox/?cursor={cursor}").content.decode()
    assert ("type-49<" in second, "type-50<" in second) == (False, True)
    assert client.get("/outbox/?cursor=no").status_code == 422


def test_a_refused_job_says_why_and_is_deleted_on_record(without_store, person):
    refused()
    client = person()
    assert (
        "The store has refused 1 job, which stays here until somebody acts." in client.get("/outbox/").content.decode()
    )
    page = client.get("/outbox/?refused=true")
    assert "invalid: there are 1000 &lt;queues&gt; already" in page.content.decode()
    after = submit(client, page, "/outbox/bad/delete/").content.decode()
    assert "The job is deleted." in after
    assert "No job was refused" in after
    assert not OutboxEntry.objects.exists()
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.target_id, entry.detail) == ("job.delete", "bad", {"outbox": True})


def test_a_refused_job_is_sent_again_on_record(without_store, person):
    refused()
    client = person()
    after = submit(client, client.get("/outbox/?refused=true"), "/outbox/bad/retry/").content.decode()
    assert "The job waits again." in after
    assert "No job was refused" in after
    html = client.get("/outbox/").content.decode()
    assert "1, in the order in which they are sent · 0 B of 1.0 GiB" in html
    assert "invalid: there are 1000 &lt;queues&gt; already" in html
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.target_id, entry.detail) == ("job.retry", "bad", {"outbox": True})
    again = submit(client, client.get("/outbox/"), "/outbox/bad/retry/").content.decode()
    assert "The job waits for the store already." in again


def test_all_refused_jobs_are_sent_again_at_once(without_store, person):
    refused("one")
    refused("two")
    client = person()
    after = submit(client, client.get("/outbox/?refused=true"), "/outbox/retry/").content.decode()
    assert "The refused jobs wait again." in after
    assert "2, in the order in which they are sent" in after
    assert "started a retry of 2 jobs" in client.get("/audit/").content.decode()
    viewer = person("Viewer", "vera")
    refused("three")
    page = viewer.get("/outbox/?refused=true")
    assert "Send all again" not in page.content.decode()
    assert submit(viewer, page, "/outbox/retry/").status_code == 403


def test_sizes_are_said_in_units_that_people_read(without_store, person):
    outbox.accept([outbox.Item(request(payload=b'"' + b"x" * 300_000 + b'"')) for _ in range(5)], without_store)
    html = person("Viewer").get("/outbox/").content.decode()
    assert html.count(">293 KiB</td>") == 5
    assert "1.4 MiB of 1.0 GiB" in html


def test_a_waiting_job_is_not_deleted_and_nothing_without_the_right(without_store, person):
    outbox.accept([outbox.Item(request("waits"))], without_store)
    refused()
    viewer = person("Viewer", "vera")
    page = viewer.get("/outbox/?refused=true")
    assert "Delete" not in page.content.decode()
    assert "Send again" not in page.content.decode()
    assert submit(viewer, page, "/outbox/bad/delete/").status_code == 403
    assert submit(viewer, page, "/outbox/bad/retry/").status_code == 403
    operator = person()
    html = submit(operator, operator.get("/outbox/?refused=true"), "/outbox/waits/delete/").content.decode()
    assert "The job waits for the store." in html
    assert OutboxEntry.objects.count() == 2


def test_the_page_of_an_accepted_job_is_shown_without_a_store(without_store, person):
    outbox.accept([outbox.Item(request("waits", payload=b'{"to": "ann"}', delay_ms=60_000))], without_store)
    page = person().get("/jobs/waits/")
    html = page.content.decode()
    assert page.status_code == 200
    assert "accepted" in html


def test_an_empty_outbox_says_what_it_is_for(api, person):
    html = person().get("/outbox/").content.decode()
    assert "No job waits in the outbox" in html
    assert "The outbox is off" in html
