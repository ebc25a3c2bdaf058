"""A payload that somebody edits for a retry or another run: what is typed is never lost to a refusal."""

import re
from html import unescape

import pytest

from jobs.types import Failure
from tests.monitoring.people import submit
from tests.support.jobs import failed

WRONG = '{"order": 7, "note": "</textarea><b>",}'
TWICE = '{"order": 1, "order": 2}'


@pytest.fixture
def dead(kit):
    worker = kit.worker("w-1")
    claim = kit.claimed(worker, payload=b'{"order":1}', type="mail", queue="q")
    worker.fail([failed(claim, Failure("ValueError", "bad", "Traceback", "f" * 16), final=True)])
    return claim.id


def typed(page):
    return unescape(re.findall(r'<textarea[^>]* name="payload"[^>]*>([^<]*)</textarea>', page.content.decode())[0])


@pytest.mark.parametrize("verb", ["retry", "rerun"])
@pytest.mark.parametrize(
    ("payload", "words"),
    [(WRONG, "This is no JSON: JSON is malformed"), ("", "Give a payload"), (TWICE, "the same key twice")],
)
def test_a_refused_payload_stays_in_its_form(api, kit, dead, person, verb, payload, words):
    client = person("Admin")
    page = client.get(f"/jobs/{dead}/{verb}/")
    refused = submit(client, page, f"/jobs/{dead}/{verb}/", payload=payload, reason="a typo")
    assert refused.status_code == 422
    assert typed(refused) == payload
    assert words in unescape(refused.content.decode())
    assert 'name="reason" value="a typo"' in refused.content.decode()
    assert kit.state(dead).label == "dead"
    assert kit.envelope(dead).payload == b'{"order":1}'


def test_a_payload_for_a_job_that_is_not_dead_any_more_stays_in_its_form(api, kit, dead, person):
    client = person("Admin")
    page = client.get(f"/jobs/{dead}/retry/")
    kit.operator.retry([dead])
    refused = submit(client, page, f"/jobs/{dead}/retry/", payload='{"order": 7}')
    assert (refused.status_code, typed(refused)) == (409, '{"order": 7}')
    assert kit.envelope(dead).payload == b'{"order":1}'


def test_who_may_only_look_cannot_send_an_empty_form_of_many_jobs(api, person):
    client = person("Viewer")
    assert submit(client, client.get("/jobs/"), "/operations/start/").status_code == 403


def test_a_job_that_is_run_again_and_the_one_before_lead_to_each_other(api, kit, dead, person):
    client = person("Admin")
    made = submit(client, client.get(f"/jobs/{dead}/rerun/"), f"/jobs/{dead}/rerun/", payload='{"order": 7}')
    [(address, _)] = made.redirect_chain
    assert f'made from <a class="mono" href="/jobs/{dead}/"' in made.content.decode()
    assert f'run again as <a class="mono" href="{address}"' in client.get(f"/jobs/{dead}/").content.decode()
