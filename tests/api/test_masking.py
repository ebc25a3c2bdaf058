"""Fields that look like secrets are masked for those who lack the right to see them, wherever they could show."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import Group

from jobs import trail
from jobs.errors import InvalidJob
from jobs.redaction import MASK
from jobs.trail.draft import draft
from jobs.types import Failure
from tests.api.conftest import Api, logged_in, problem
from tests.support.jobs import completed, failed

ANN = trail.Actor("user:3", "ann", "192.0.2.7")
SECRET = "hunter2-and-more"
PAYLOAD = b'{"order":130775545883395173,"password":"' + SECRET.encode() + b'","n":1.0}'
FAILURE = Failure("ValueError", f"ValueError: login with password={SECRET} refused", f"Traceback: {SECRET}", "f" * 16)


@pytest.fixture
def reader(api, key):
    """Give a client that may look and operate, but not see payloads."""
    return Api(key("read", "operate"))


@pytest.fixture
def seer(api, key):
    """Give a client that may see payloads too."""
    return Api(key("read", "operate", "payloads"))


def die(kit):
    worker = kit.worker()
    claim = kit.claimed(worker, payload=PAYLOAD)
    worker.fail([failed(claim, FAILURE, final=True)])
    return claim.id


VIEWS = ["/jobs/{}", "/jobs", "/dlq", "/dlq/groups", "/jobs?q=order", "/dlq?error=ValueError"]


@pytest.mark.parametrize("view", VIEWS)
def test_no_view_shows_a_masked_value(kit, reader, view):
    job_id = die(kit)
    answer = reader.get(view.format(job_id))
    assert answer.status_code == 200
    assert SECRET not in answer.content.decode()
    assert MASK in json.dumps(answer.json(), ensure_ascii=False)


@pytest.mark.parametrize("view", VIEWS)
def test_who_may_see_payloads_sees_them(kit, seer, view):
    job_id = die(kit)
    assert SECRET in seer.get(view.format(job_id)).content.decode()


def test_all_but_the_masked_value_stays_byte_for_byte(kit, reader):
    job_id = die(kit)
    masked = PAYLOAD.replace(SECRET.encode(), MASK.encode())
    assert masked in reader.get(f"/jobs/{job_id}").content


def test_a_result_is_masked(kit, reader, seer):
    worker = kit.worker()
    claim = kit.claimed(worker)
    worker.complete([completed(claim, b'{"token":"abc-def-ghi","ok":true}')])
    assert reader.get(f"/jobs/{claim.id}").json()["result"] == {"token": MASK, "ok": True}
    assert seer.get(f"/jobs/{claim.id}").json()["result"]["token"] == "abc-def-ghi"


def test_a_search_does_not_find_what_it_must_not_show(kit, reader, seer):
    job_id = die(kit)
    assert reader.get(f"/jobs?q={SECRET}").json()["items"] == []
    assert reader.get(f"/dlq?error={SECRET}").json()["items"] == []
    assert [item["jobId"] for item in seer.get(f"/jobs?q={SECRET}").json()["items"]] == [job_id]
    assert [item["jobId"] for item in reader.get("/jobs?q=130775545883395173").json()["items"]] == [job_id]


def test_an_operation_tells_nobody_what_he_may_not_search(kit, reader, seer):
    die(kit)
    started = seer.post("/dlq/operations", {"action": "retry", "filter": {"q": SECRET}}).json()["operationId"]
    assert SECRET not in reader.get(f"/operations/{started}").content.decode()
    assert SECRET not in reader.get("/operations").content.decode()
    assert SECRET not in reader.get("/audit").content.decode()
    assert SECRET in seer.get(f"/operations/{started}").content.decode()


@pytest.mark.parametrize("path", ["/jobs/{}/retry", "/dlq/{}/retry", "/jobs/{}/rerun"])
def test_an_edited_mask_is_not_stored(kit, seer, path):
    job_id = die(kit)
    edited = PAYLOAD.replace(SECRET.encode(), MASK.encode())
    refused = problem(seer.post(path.format(job_id), b'{"payload":' + edited + b"}"), 422, "invalid")
    assert refused["errors"][0]["field"] == "payload"
    assert kit.state(job_id).label == "dead"


def test_people_see_by_their_permission(kit, api, django_user_model):
    job_id = die(kit)
    for role, sees in (("Viewer", False), ("Operator", False), ("Admin", True)):
        user = django_user_model.objects.create_user(role)
        user.groups.set([Group.objects.get(name=role)])
        page = logged_in(user).get(f"/jobs/{job_id}").content.decode()
        assert (SECRET in page) is sees, role


def test_a_handlers_words_about_a_stored_payload_are_not_passed_on(kit, reader, seer, monkeypatch):
    job_id = die(kit)

    def refuse(*args, **options):
        raise InvalidJob("payload", f"password {SECRET!r} is too long")

    monkeypatch.setattr("jobs.steering.Steering.rerun", refuse)
    assert SECRET not in reader.post(f"/jobs/{job_id}/rerun").content.decode()
    assert SECRET in seer.post(f"/jobs/{job_id}/rerun").content.decode()


@pytest.fixture
def noted(kit):
    """Put facts on record that hold what not everybody may see, as a later feature might."""
    trail.scribe.complete(
        trail.scribe.add(
            draft(ANN, trail.Action.JOB_RETRY, "x", detail={"password": SECRET, "said": f"token={SECRET}"})
        ),
        {"status": "done"},
    )


def test_facts_on_record_are_masked(noted, reader, seer):
    assert reader.get("/audit").json()["items"][0]["detail"] == {"password": MASK, "said": f"token={MASK}"}
    assert seer.get("/audit").json()["items"][0]["detail"]["password"] == SECRET


@pytest.mark.parametrize(("role", "sees"), [("Operator", False), ("Admin", True)])
def test_facts_on_record_are_masked_in_the_admin(noted, django_user_model, role, sees):
    user = django_user_model.objects.create_user(role, is_staff=True)
    user.groups.set([Group.objects.get(name=role)])
    entry = trail.AuditEntry.objects.get()
    page = logged_in(user).client.get(f"/admin/jobs/auditentry/{entry.pk}/change/")
    assert page.status_code == 200
    assert (SECRET in page.content.decode()) is sees
