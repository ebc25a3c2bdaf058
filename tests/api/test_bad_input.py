"""Bad input, at every operation that can get it: a clear refusal, and nothing done."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from queueflow_site.asgi import application
from tests.api.conftest import JSON, Api, problem
from tests.contract.conformance import contract

LISTS = ("/jobs", "/dlq", "/operations", "/audit")
JOB = {"type": "a", "payload": 1}
MEBIBYTE = b"x" * 1_048_576


def first_example(operation: dict[str, Any]) -> dict[str, Any]:
    [content] = operation["requestBody"]["content"].values()
    example: dict[str, Any] = next(iter(content["examples"].values()))
    return dict(example["value"])


OPERATIONS = [
    (method, re.sub(r"{\w+}", "x", path).removeprefix("/api"), operation)
    for method, path, operation in contract().operations
]
BODIES = [
    (method.lower(), path, first_example(operation))
    for method, path, operation in OPERATIONS
    if "requestBody" in operation
]


@pytest.fixture
def untouched(api, kit):
    """Give a job that has to be as it was in the end, and nothing beside it."""
    job_id = kit.enqueue("kept")
    before = api.get("/jobs/kept").content
    yield job_id
    assert api.get("/jobs/kept").content == before
    assert api.get("/stats").json()["total"] == 1
    assert api.get("/operations").json()["items"] == []


@pytest.mark.parametrize("limit", ["0", "-1", "501", "1e9", "1000000000", "x", "", "1.0", "+1", "0x1", "%D9%A1", "%00"])
def test_a_limit_that_is_none_is_refused_by_every_list(api, limit):
    for path in LISTS:
        document = problem(api.get(f"{path}?limit={limit}"), 422, "invalid")
        assert [each["field"] for each in document["errors"]] == ["limit"], path


def test_every_operation_names_parameters_that_it_does_not_have(api, untouched):
    for method, path, _ in OPERATIONS:
        answer = api.client.generic(method, f"/api{path}?force=1&api_key=qf_x", headers=api.headers)
        assert [each["field"] for each in problem(answer, 422, "invalid")["errors"]] == ["force", "api_key"], path


def test_every_body_names_fields_that_it_does_not_have(api, untouched):
    for method, path, body in BODIES:
        document = problem(getattr(api, method)(path, body | {"force": 1, "Reason": ""}), 422, "invalid")
        assert [each["field"] for each in document["errors"]] == ["force", "Reason"], path


def test_every_body_with_the_same_key_twice_is_refused(api, untouched):
    for method, path, body in BODIES:
        inside = json.dumps(body or {"reason": "x"})[1:-1]
        answer = getattr(api, method)(path, f"{{{inside},{inside}}}".encode())
        assert problem(answer, 422, "invalid")["errors"], path


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", ""],
)
def test_every_body_is_json_and_says_so(api, untouched, content_type):
    for method, path, body in BODIES:
        text = json.dumps(body or {"reason": "x"}).encode()
        problem(getattr(api, method)(path, text, content_type=content_type), 415, "unsupported_media_type")


@pytest.mark.parametrize("name", ["api_key", "key", "token", "access_token", "authorization", "Authorization"])
@pytest.mark.parametrize("form", ["{}", "Bearer%20{}"])
def test_a_key_in_the_address_opens_nothing(api, untouched, key, name, form):
    query = f"{name}={form.format(key())}"
    problem(Api().get(f"/stats?{query}"), 401, "unauthorized")
    problem(Api().post(f"/jobs?{query}", JOB), 401, "unauthorized")


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_header_does_not_change_the_method(api, untouched, header):
    assert api.get("/jobs/kept", **{header: "DELETE"}).status_code == 200
    assert api.get("/jobs", **{header: "POST"}).status_code == 200
    answer = api.client.post("/api/jobs/kept", headers=api.headers | {header: "DELETE"})
    problem(answer, 405, "method_not_allowed")
    problem(api.post("/jobs/kept/cancel?_method=DELETE", {}), 422, "invalid")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", JSON]
)
def test_a_page_of_another_site_does_nothing_with_a_session(api, untouched, content_type, origin):
    client = Api.client_class(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(get_user_model().objects.create_superuser("ada", password="x"))
    headers = {"Origin": origin} if origin else {}
    assert client.get("/api/stats", headers=headers).status_code == 200
    for method, path, body in BODIES:
        send = getattr(client, method)
        answer = send(f"/api{path}", json.dumps(body).encode(), content_type=content_type, headers=headers)
        problem(answer, 403, "csrf_failed")


@pytest.mark.parametrize("with_key", [True, False])
def test_a_body_that_never_ends_is_not_read_to_the_end(api, untouched, with_key):
    headers = [(b"host", b"testserver"), (b"content-type", JSON.encode()), (b"transfer-encoding", b"chunked")]
    headers += [(b"authorization", api.headers["Authorization"].encode())] if with_key else []
    read, sent = 0, []

    async def receive() -> Any:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": MEBIBYTE, "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": "/api/jobs",
        "query_string": b"", "headers": headers, "client": ("127.0.0.1", 1), "server": ("testserver", 80),
    }  # fmt: skip
    asyncio.run(application(scope, receive, send))
    assert sent[0]["status"] == 413
    assert json.loads(sent[1]["body"])["code"] == "payload_too_large"
    assert read == 17  # the limit is 16 MiB


def test_very_many_parameters_are_refused(api):
    query = "&".join(f"a{number}=1" for number in range(1500))
    problem(api.get(f"/jobs?{query}"), 400, "malformed_request")
