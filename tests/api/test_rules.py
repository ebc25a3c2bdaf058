"""Who may use which endpoint: every endpoint with everybody, against a table made by hand."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from queueflow_site.api import endpoints
from tests.api.conftest import Api, logged_in, problem

LOOK = {"Viewer", "Operator", "Admin", "key read", "key admin"}
MAKE = {"Operator", "Admin", "key enqueue", "key admin"}
ACT = {"Operator", "Admin", "key operate", "key admin"}
EVERYBODY = (
    "nobody",
    "Viewer",
    "Operator",
    "Admin",
    "key enqueue",
    "key read",
    "key operate",
    "key payloads",
    "key admin",
)
RULE = {"Admin", "key admin"}
NIGHTLY = {"name": "nightly", "type": "a", "cron": "@daily"}
ALL = {"action": "retry", "filter": {}, "all": True}

# Endpoint -> who may, with which body, and what they are answered where nothing is there.
TABLE = {
    "POST /jobs": (MAKE, {"type": "a", "payload": 1}, 201),
    "POST /jobs/bulk": (MAKE, {"jobs": []}, 201),
    "GET /jobs": (LOOK, None, 200),
    "GET /jobs/{job_id}": (LOOK, None, 404),
    "DELETE /jobs/{job_id}": (ACT, None, 404),
    "POST /jobs/{job_id}/cancel": (ACT, None, 404),
    "POST /jobs/{job_id}/retry": (ACT, None, 404),
    "POST /jobs/{job_id}/run-now": (ACT, None, 404),
    "POST /jobs/{job_id}/rerun": (ACT, None, 404),
    "GET /jobs/{job_id}/stack": (ACT, None, 404),
    "POST /jobs/operations": (ACT, ALL, 202),
    "POST /jobs/operations/preview": (ACT, ALL, 200),
    "POST /dlq/operations/preview": (ACT, ALL, 200),
    "GET /dlq": (LOOK, None, 200),
    "GET /dlq/groups": (LOOK, None, 200),
    "POST /dlq/groups/{fingerprint}/resolve": (ACT, None, 404),
    "POST /dlq/groups/{fingerprint}/ignore": (ACT, None, 404),
    "POST /dlq/groups/{fingerprint}/reopen": (ACT, None, 404),
    "POST /dlq/{job_id}/retry": (ACT, None, 404),
    "DELETE /dlq/{job_id}": (ACT, None, 404),
    "POST /dlq/operations": (ACT, ALL, 202),
    "GET /operations": (LOOK, None, 200),
    "GET /operations/{operation_id}": (LOOK, None, 404),
    "POST /operations/{operation_id}/abort": (ACT, None, 404),
    "GET /outbox": (LOOK, None, 200),
    "DELETE /outbox/{job_id}": (ACT, None, 404),
    "POST /outbox/retry": (ACT, None, 200),
    "POST /outbox/{job_id}/retry": (ACT, None, 404),
    "GET /queues": (LOOK, None, 200),
    "POST /queues/{name}/pause": (ACT, None, 404),
    "POST /queues/{name}/resume": (ACT, None, 404),
    "POST /queues/{name}/purge": (ACT, None, 404),
    "GET /types": (LOOK, None, 200),
    "POST /types/{path:job_type}/pause": (ACT, None, 404),
    "POST /types/{path:job_type}/resume": (ACT, None, 404),
    "GET /workers": (LOOK, None, 200),
    "POST /workers/{worker_id}/drain": (ACT, None, 404),
    "GET /status": (LOOK, None, 200),
    "GET /stats": (LOOK, None, 200),
    "GET /metrics": (LOOK, None, 200),
    "GET /schedules": (LOOK, None, 200),
    "POST /schedules": (RULE, NIGHTLY, 201),
    "POST /schedules/preview": (LOOK, {"cron": "@daily"}, 200),
    "GET /schedules/{name}": (LOOK, None, 404),
    "PUT /schedules/{name}": (RULE, {"version": 1}, 404),
    "DELETE /schedules/{name}": (RULE, None, 404),
    "POST /schedules/{name}/pause": (ACT, None, 404),
    "POST /schedules/{name}/resume": (ACT, None, 404),
    "POST /schedules/{name}/run": (ACT, None, 404),
    "GET /schedules/{name}/ticks": (LOOK, None, 404),
    "GET /scaling": (LOOK, None, 200),
    "GET /scaling/{pool}": (LOOK, None, 404),
    "PUT /scaling/{pool}": (RULE, {"version": 1}, 404),
    "DELETE /scaling/{pool}": (RULE, None, 404),
    "GET /scaling/{pool}/decisions": (LOOK, None, 404),
    "GET /scaling/{pool}/history": (LOOK, None, 404),
    "GET /scaling/{pool}/proposals": (LOOK, None, 404),
    "POST /scaling/{pool}/scale": (ACT, {"workers": 1}, 404),
    "POST /scaling/{pool}/pause": (ACT, None, 404),
    "POST /scaling/{pool}/resume": (ACT, None, 404),
    "GET /scaling/{pool}/metrics": (LOOK, None, 404),
    "POST /scaling/{pool}/simulate": (RULE, {"example": "step"}, 404),
    "GET /scaling/{pool}/simulate": (LOOK, None, 404),
    "GET /scaling/{pool}/simulate/{simulation_id}": (LOOK, None, 404),
    "POST /scaling/{pool}/simulate/{simulation_id}/abort": (RULE, None, 404),
    "GET /audit": (ACT, None, 200),
}


@pytest.fixture
def caller(key):
    """Return a function that makes a client of somebody: a member of a group, a key with a scope, nobody."""

    def make(who: str) -> Api:
        if who.startswith("key "):
            return Api(key(who[4:]))
        user = get_user_model().objects.create_user(who)
        user.groups.set(Group.objects.filter(name=who))
        return logged_in(user)

    return make


def ask(client: Api, endpoint: str):
    method, _, path = endpoint.partition(" ")
    path = path.replace("path:", "").replace("{", "").replace("}", "")
    if method == "POST":
        return client.post(path, TABLE[endpoint][1])
    if method == "PUT":
        return client.put(path, TABLE[endpoint][1])
    return client.get(path) if method == "GET" else client.delete(path)


def test_every_endpoint_is_in_the_table():
    assert {f"{endpoint.method} {endpoint.path}" for endpoint in endpoints.all} == set(TABLE)


def test_without_a_credential_nothing_is_open(api):
    for endpoint in TABLE:
        problem(ask(Api(), endpoint), 401, "unauthorized")


@pytest.mark.parametrize("who", EVERYBODY)
def test_everybody_may_what_the_table_says_and_nothing_else(api, caller, who):
    client = caller(who)
    for endpoint, (allowed, _, code) in TABLE.items():
        answer = ask(client, endpoint)
        if who in allowed:
            assert answer.status_code == code, (endpoint, answer.content)
        else:
            problem(answer, 403, "missing_scope" if who.startswith("key ") else "missing_right")


def test_a_bulk_operation_takes_the_right_for_its_action(api, caller, key):
    user = get_user_model().objects.create_user("ada")
    user.user_permissions.set([permission("retry")])
    client = logged_in(user)
    assert client.post("/dlq/operations", ALL).status_code == 202
    problem(client.post("/dlq/operations", ALL | {"action": "delete"}), 403, "missing_right")
    problem(client.post("/jobs/operations", ALL | {"action": "cancel"}), 403, "missing_right")


@pytest.mark.parametrize("path", ["/jobs/{}/retry", "/dlq/{}/retry", "/jobs/{}/rerun"])
@pytest.mark.parametrize(
    ("scopes", "may"), [(["operate"], False), (["payloads"], False), (["operate", "payloads"], True), (["admin"], True)]
)
def test_to_edit_a_payload_one_has_to_see_it(api, key, path, scopes, may):
    client = Api(key(*scopes))
    answer = client.post(path.format("x"), {"payload": 1})
    if may:
        problem(answer, 404, "not_found")
    else:
        problem(answer, 403, "missing_scope")


def permission(codename):
    from django.contrib.auth.models import Permission

    return Permission.objects.get(content_type__app_label="jobs", codename=codename)
