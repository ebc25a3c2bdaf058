"""Who gets in: keys, people, nobody."""

import io
import time
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from jobs.access.keys import CACHE_SECONDS, key_ring, note_use
from jobs.models import ApiKey
from tests.api.conftest import Api, problem

JOB = {"type": "a", "payload": 1}


@pytest.fixture
def person(db):
    """Return a function that makes a user and a client that is logged in and checks CSRF."""

    def make(*, client_class=Client, **rights):
        user = get_user_model().objects.create_user("ada", password="x", **rights)
        client = client_class(enforce_csrf_checks=True)
        client.force_login(user)
        return client

    return make


@pytest.mark.parametrize("path", ["/jobs", "/stats", "/openapi.json", "/docs"])
def test_nobody_gets_in(api, path):
    response = Api().get(path)
    problem(response, 401, "unauthorized")
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "header", ["Bearer nonsense", "Bearer", "Bearer ", "Basic YTpi", "nonsense", "Bearer \xff", "bearer x y", ""]
)
def test_a_wrong_key_is_refused_also_with_a_session(api, person, header):
    client = person(is_superuser=True)
    assert client.get("/api/stats").status_code == 200
    problem(client.get("/api/stats", headers={"Authorization": header}), 401, "unauthorized")


def test_a_key_in_the_address_is_refused(api, key):
    text = key()
    problem(Api().get(f"/stats?api_key={text}"), 401, "unauthorized")
    assert problem(api.get(f"/stats?api_key={text}"), 422, "invalid")["errors"][0]["field"] == "api_key"


@pytest.mark.parametrize(
    ("scope", "method", "path", "body"),
    [
        ("enqueue", "POST", "/jobs", JOB),
        ("enqueue", "POST", "/jobs/bulk", {"jobs": []}),
        ("read", "GET", "/jobs", None),
        ("read", "GET", "/stats", None),
        ("operate", "POST", "/queues/default/pause", None),
        ("operate", "DELETE", "/jobs/x", None),
    ],
)
def test_a_scope_opens_its_endpoints_and_no_others(api, key, scope, method, path, body):
    for held in ("enqueue", "read", "operate"):
        client = Api(key(held))
        response = client.post(path, body) if method == "POST" else getattr(client, method.lower())(path)
        if held == scope:
            assert response.status_code in {200, 201, 404}
        else:
            problem(response, 403, "missing_scope")


def test_an_expired_key_is_refused(api, key):
    text = key()
    ApiKey.objects.filter(hash__isnull=False).update(expires_at=timezone.now() - timedelta(seconds=1))
    problem(Api(text).get("/stats"), 401, "unauthorized")


def test_a_key_ends_when_it_expires_also_in_the_cache(api, key, time_machine):
    text = key()
    ApiKey.objects.update(expires_at=timezone.now() + timedelta(seconds=60))
    assert Api(text).get("/stats").status_code == 200
    time_machine.move_to(timezone.now() + timedelta(seconds=61), tick=True)
    problem(Api(text).get("/stats"), 401, "unauthorized")


def test_a_revoked_key_is_refused_once_the_cache_has_passed(api, key, monkeypatch):
    text = key()
    assert Api(text).get("/stats").status_code == 200
    for row in ApiKey.objects.all():
        row.revoke()
    later = time.monotonic() + CACHE_SECONDS
    monkeypatch.setattr("jobs.access.keys.time.monotonic", lambda: later)
    problem(Api(text).get("/stats"), 401, "unauthorized")


def test_only_the_hash_of_a_key_is_kept(key):
    text = key(name="crawler")
    row = ApiKey.objects.get()
    assert text.startswith(row.prefix)
    assert text not in " ".join(str(value) for value in row.__dict__.values())


def test_the_use_of_a_key_is_noted(key):
    key()
    row = ApiKey.objects.get()
    assert row.last_used_at is None
    with patch("jobs.access.keys.connection"):  # the test's own connection stays open
        note_use(row.pk)
    row.refresh_from_db()
    assert row.last_used_at is not None


def test_a_superuser_may_do_everything_with_a_csrf_token(api, person):
    client = person(is_superuser=True)
    problem(client.post("/api/jobs", JOB, content_type="application/json"), 403, "csrf_failed")
    client.get("/login/")
    token = client.cookies["csrftoken"].value
    made = client.post("/api/jobs", JOB, content_type="application/json", headers={"X-CSRFToken": token})
    assert made.status_code == 201


def test_a_key_needs_no_csrf_token(api, key):
    client = Client(enforce_csrf_checks=True)
    headers = {"Authorization": f"Bearer {key()}"}
    assert client.post("/api/jobs", JOB, content_type="application/json", headers=headers).status_code == 201


def test_a_form_of_another_site_does_nothing(api, person):
    client = person(is_superuser=True)
    response = client.post("/api/jobs", b'{"type":"a","payload":1}', content_type="text/plain")
    problem(response, 403, "csrf_failed")
    assert api.get("/stats").json()["total"] == 0


def test_people_may_what_their_groups_may(api, person):
    client = person()
    problem(client.get("/api/stats"), 403, "missing_right")
    user = get_user_model().objects.get()
    user.groups.set([Group.objects.get(name="Viewer")])
    assert client.get("/api/stats").status_code == 200
    client.get("/login/")
    headers = {"X-CSRFToken": client.cookies["csrftoken"].value}
    path = "/api/queues/default/pause"
    problem(client.post(path, content_type="application/json", headers=headers), 403, "missing_right")
    user.groups.set([Group.objects.get(name="Operator")])
    assert client.post(path, content_type="application/json", headers=headers).status_code == 200
    problem(client.post(path, {"a": "form"}, headers=headers), 415, "unsupported_media_type")


def test_a_user_who_was_locked_out_is_out(api, person):
    client = person(is_superuser=True)
    get_user_model().objects.update(is_active=False)
    problem(client.get("/api/stats"), 401, "unauthorized")


def test_the_command_shows_a_key_once(db):
    out, err = io.StringIO(), io.StringIO()
    call_command("createapikey", "crawler", "--scopes", "enqueue,read", "operate", stdout=out, stderr=err)
    text = out.getvalue().strip()
    row = ApiKey.objects.get(name="crawler")
    assert row.scopes == ["enqueue", "operate", "read"]
    assert text.startswith("qf_")
    assert text not in err.getvalue()
    assert key_ring() is key_ring()


@pytest.mark.parametrize(
    "arguments", [["x", "--scopes", "all"], ["x", "--scopes", ""], [" ", "--scopes", "read"],
                  ["x", "--scopes", "read", "--expires-days", "0"]],
)  # fmt: skip
def test_the_command_refuses_nonsense_in_a_sentence(db, arguments):
    with pytest.raises(CommandError):
        call_command("createapikey", *arguments)
    assert not ApiKey.objects.exists()


def test_the_admin_shows_a_key_once_and_revokes_it(client, db):
    admin = get_user_model().objects.create_superuser("root", password="x")
    client.force_login(admin)
    page = client.post("/admin/jobs/apikey/add/", {"name": "crawler", "scopes": ["enqueue"]}, follow=True)
    assert b"shown only now: qf_" in page.content
    row = ApiKey.objects.get()
    assert b"qf_" in client.get(f"/admin/jobs/apikey/{row.pk}/change/").content  # its prefix, no more
    client.post("/admin/jobs/apikey/", {"action": "revoke", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert row.status == "revoked"
    assert client.get("/admin/jobs/apikey/").status_code == 200


def test_an_address_that_guesses_is_barred_and_those_with_a_key_are_not(api, key):
    good = Api(key())
    answers = [Api(f"qf_guess{number}").get("/stats") for number in range(40)]
    assert problem(answers[0], 401, "unauthorized")
    assert int(answers[-1]["Retry-After"]) >= 1
    assert (answers[-1]["RateLimit-Limit"], answers[-1]["RateLimit-Remaining"]) == ("30", "0")
    assert int(answers[-1]["RateLimit-Reset"]) >= int(answers[-1]["Retry-After"])
    problem(answers[-1], 429, "rate_limited")
    assert good.get("/stats").status_code == 200


def test_who_may_only_enqueue_learns_how_a_job_is_whose_id_it_sends_again(api, kit, key):
    producer = Api(key("enqueue"))
    kit.enqueue("order-1", payload=b'{"amount":7}')
    met = producer.post("/jobs", {"type": "other", "payload": 1, "jobId": "order-1"})
    assert (met.status_code, met.json()["status"]) == (200, "pending")
    assert set(met.json()) == {"jobId", "type", "status", "queue", "priority", "createdAt", "runAt"}
    problem(producer.get("/jobs/order-1"), 403, "missing_scope")
