"""The page of one job: its story, its payload to the last digit, and what people may do with it."""

import asyncio
import re
from html import unescape

import pytest

from jobs.models import AuditEntry
from jobs.types import Failure
from tests.api.conftest import answering
from tests.monitoring.people import submit
from tests.support.jobs import completed, failed

EVIL = "<script>alert(1)</script>"
BIG = b'{"order":12345678901234567890123456789012,"rate":1.0,"none":null,"list":[],"evil":"' + EVIL.encode() + b'"}'


@pytest.fixture
def dead(kit):
    worker = kit.worker("w-1")
    claim = kit.claimed(worker, payload=BIG, type="mail", queue="q")
    worker.fail([failed(claim, Failure("ValueError", EVIL, f"Traceback\n{EVIL}", "f" * 16), final=True)])
    return claim.id


def shown(client, path):
    page = client.get(path)
    assert page.status_code == 200, page.content
    return page.content.decode()


def test_a_payload_is_shown_to_the_last_digit_and_as_text(api, dead, person):
    html = shown(person("Admin"), f"/jobs/{dead}/")
    assert '<span class="tree-number">12345678901234567890123456789012</span>' in html
    assert '<span class="tree-number">1.0</span>' in html
    assert EVIL not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "style=" not in html


def test_payload_result_log_and_traceback_can_be_copied_as_they_are(api, kit, dead, person):
    html = shown(person("Admin"), f"/jobs/{dead}/")
    text = html.partition('<pre id="payload-text" hidden>')[2].partition("</pre>")[0]
    assert unescape(text) == BIG.decode()
    places = set(re.findall('data-copy-from="#([^"]+)"', html))
    assert places == {"payload-text", "traceback-1"}
    assert places <= set(re.findall(' id="([^"]+)"', html))
    worker = kit.worker()
    claim = kit.claimed(worker, queue="q", payload=b'"' + b"x" * 40_000 + b'"')
    worker.report([(claim, "", ["first line", "second line"])])
    worker.complete([completed(claim, b'{"sent":1}')])
    html = shown(person("Admin", "eve"), f"/jobs/{claim.id}/")
    assert '<pre id="result-text" hidden>{&quot;sent&quot;:1}</pre>' in html
    assert set(re.findall('data-copy-from="#([^"]+)"', html)) == {"result-text", "job-log"}  # too large a payload
    assert '<div class="log-line">first line</div>\n<div class="log-line">second line</div>\n' in html


def test_a_large_payload_does_not_keep_the_event_loop(api, dead, person, monkeypatch):
    threads = []
    monkeypatch.setattr("monitoring.views.job.tree_of", lambda document: threads.append(_is_on_a_loop()))
    shown(person("Admin"), f"/jobs/{dead}/")
    assert threads == [False]


def _is_on_a_loop():
    return asyncio._get_running_loop() is not None


def test_a_dead_job_tells_what_happened_and_offers_what_helps(api, dead, person):
    client = person("Admin")
    html = shown(client, f"/jobs/{dead}/")
    assert "Enqueued on q, normal priority" in html
    assert "Attempt 1 of 4 failed after 5 ms" in html
    verbs = re.findall(rf'action="/jobs/{dead}/([a-z-]+)/"|href="/jobs/{dead}/([a-z-]+)/"', html)
    assert [form or link for form, link in verbs] == ["retry", "retry", "rerun", "rerun", "delete"]
    assert "data-refresh" not in html


def test_who_may_only_look_has_no_buttons_and_no_way_around(api, kit, dead, person):
    client = person("Viewer")
    page = client.get(f"/jobs/{dead}/")
    assert f"/jobs/{dead}/retry/" not in page.content.decode()
    for verb in ("retry", "rerun", "delete"):
        assert client.get(f"/jobs/{dead}/{verb}/").status_code == 403
        refused = submit(client, page, f"/jobs/{dead}/{verb}/")
        assert refused.status_code == 403
    assert kit.state(dead).label == "dead"
    assert client.get(f"/jobs/{dead}/stack/").status_code == 403
    assert client.get(f"/jobs/{dead}/explode/").status_code == 404


def test_fields_are_masked_for_those_without_the_right(api, kit, person):
    job_id = kit.enqueue(payload=b'{"password":"hunter22","name":"ada"}')
    html = shown(person("Viewer"), f"/jobs/{job_id}/")
    assert "hunter22" not in html
    assert "ada" in html


def test_a_job_is_retried_with_another_payload(api, kit, dead, person):
    client = person("Admin")
    page = client.get(f"/jobs/{dead}/retry/")
    assert "12345678901234567890123456789012" in page.content.decode()
    again = submit(client, page, f"/jobs/{dead}/retry/", payload='{"order": 7.0}', reason="a typo")
    assert f"Retried job {dead}." in again.content.decode()
    assert kit.state(dead).label == "pending"
    assert kit.envelope(dead).payload == b'{"order": 7.0}'
    entry = AuditEntry.objects.get(action="job.edit_payload")
    assert (entry.target_id, entry.reason, entry.actor) == (dead, "a typo", "ada")


def test_a_job_that_is_over_is_run_again_as_a_new_one(api, kit, person):
    worker = kit.worker()
    claim = kit.claimed(worker, type="mail")
    worker.complete([completed(claim, b'{"sent":1}')])
    client = person("Admin")
    page = client.get(f"/jobs/{claim.id}/")
    assert '<span class="tree-number">1</span>' in page.content.decode()
    again = submit(client, page, f"/jobs/{claim.id}/rerun/")
    [(path, code)] = again.redirect_chain
    assert code == 302
    assert path != f"/jobs/{claim.id}/"
    assert kit.state(path.split("/")[2]).label == "pending"


def test_a_deletion_asks_first_and_goes_back_to_where_one_was(api, kit, dead, person):
    client = person("Admin")
    page = client.get(f"/jobs/{dead}/delete/")
    assert "This cannot be undone" in page.content.decode()
    assert kit.state(dead) is not None
    path = f"/jobs/{dead}/delete/"
    gone = client.post(path, {"csrfmiddlewaretoken": page.context["csrf_token"], "next": "/?range=1h"})
    assert (gone.status_code, gone["Location"]) == (302, "/?range=1h")
    assert kit.state(dead) is None


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_nobody_is_led_elsewhere(api, dead, person, elsewhere):
    client = person("Admin")
    page = client.get(f"/jobs/{dead}/retry/")
    form = {"csrfmiddlewaretoken": page.context["csrf_token"], "next": elsewhere}
    assert client.post(f"/jobs/{dead}/retry/", form)["Location"] == f"/jobs/{dead}/"


def test_a_running_job_is_followed_and_shows_its_stack(api, kit, person):
    claim = kit.claimed(kit.worker("w-1"), type="mail")
    client = person("Operator")
    html = shown(client, f"/jobs/{claim.id}/")
    assert 'data-refresh="1000"' in html
    [seen] = re.findall(r"seen=([0-9a-f]{16})", html)
    assert client.get(f"/jobs/{claim.id}/?part=live&seen={seen}").status_code == 204
    worker = answering(kit, "w-1", b'{"state":"running","lines":["a.py, line 1"]}')
    assert "a.py, line 1" in shown(client, f"/jobs/{claim.id}/stack/")
    worker.join()
    kit.operator.cancel([claim.id])
    part = shown(client, f"/jobs/{claim.id}/?part=live&seen={seen}")
    assert "cancel requested" in part
    assert "<html" not in part


@pytest.mark.parametrize(("source", "said"), [("worker", False), ("supervisor", True)])
def test_a_stack_says_when_the_supervisor_has_read_it(api, kit, person, source, said):
    claim = kit.claimed(kit.worker("w-1"), type="mail")
    answer = f'{{"state":"running","lines":["a.py, line 1"],"source":"{source}"}}'
    worker = answering(kit, "w-1", answer.encode())
    html = shown(person("Operator"), f"/jobs/{claim.id}/stack/")
    worker.join()
    assert "a.py, line 1" in html
    assert ("Its supervisor has read this" in html) is said


def test_a_pending_job_says_why_it_waits(api, kit, person):
    job_id = kit.enqueue(queue="mail", type="send")
    client = person("Operator")
    assert "No worker serves mail" in shown(client, f"/jobs/{job_id}/")
    kit.operator.pause("mail")
    assert "The queue mail is paused, for " in shown(client, f"/jobs/{job_id}/")
    kit.operator.resume("mail")
    kit.type_pauses.pause("send")
    assert "Jobs of type send are paused, for " in shown(client, f"/jobs/{job_id}/")


def test_a_delay_is_told_from_the_wait_for_a_worker(api, kit, person):
    kit.advance(-600_000)  # the page's clock is not the kit's
    job_id = kit.enqueue(delay_ms=60_000)
    kit.advance(kit.record(job_id).ready - kit.reader.now_ms() + 4000)
    kit.promote()
    worker = kit.worker()
    worker.complete([completed(kit.claim(worker)[0])])
    html = shown(person(), f"/jobs/{job_id}/")
    assert "Waited for its time: 1 min" in html
    assert "Waited for a worker: 4." in html


def test_a_retry_whose_time_has_come_is_due_now(api, kit, person):
    worker = kit.worker()
    claim, later = kit.claimed(worker), kit.claimed(worker, queue="q")
    worker.fail([failed(claim, delay_ms=0), failed(later, delay_ms=90_000)])
    client = person()
    assert re.search('<time class="due"[^>]*>due now</time>', shown(client, f"/jobs/{claim.id}/"))
    assert re.search('<time class="due"[^>]*>in 1 min</time>', shown(client, f"/jobs/{later.id}/"))


def test_a_record_that_cannot_be_decoded_can_be_deleted(api, kit, person):
    job_id = kit.enqueue()
    kit.client.call("HSET", kit.keys.metadata, job_id, b"\xc1")
    html = shown(person("Admin"), f"/jobs/{job_id}/")
    assert "Unreadable job" in html
    assert f'href="/jobs/{job_id}/delete/"' in html


def test_a_job_that_is_not_there_is_said_so(api, person):
    page = person().get("/jobs/nothing-here/")
    assert page.status_code == 404
    assert "There is no such job." in page.content.decode()


@pytest.mark.parametrize(("verb", "kept"), [("retry", "The one before is kept."), ("rerun", "this one keeps its own.")])
def test_a_form_for_another_payload_says_what_becomes_of_this_one(api, dead, person, verb, kept):
    assert f"{kept}</span>" in shown(person("Admin"), f"/jobs/{dead}/{verb}/")


def test_a_job_leads_to_those_with_its_tags_and_of_its_error(api, kit, person, dead):
    tagged = kit.enqueue(tags=("vip", "order:1&2"))
    client = person()
    related = shown(client, f"/jobs/{tagged}/").partition("<dt>Related</dt>")[2]
    assert re.findall(r'href="([^"]+)"', related)[:2] == ["/jobs/?type=echo", "/jobs/?tag=vip&amp;tag=order%3A1%262"]
    assert "Jobs with any of these tags" in related
    related = shown(client, f"/jobs/{dead}/").partition("<dt>Related</dt>")[2]
    assert re.findall(r'href="([^"]+)"', related)[:2] == ["/jobs/?type=mail", f"/dead-letters/jobs/?error={'f' * 16}"]
