"""Bad input: each a clear answer in the same form, and nothing made."""

import asyncio

import pytest
from django.test import override_settings

from jobs.api.body_limit import BodyLimit
from tests.api.conftest import problem

DEEP = b"[" * 10_000 + b"]" * 10_000
LONG = b"1" * 10_000


def enqueue(payload: bytes) -> bytes:
    return b'{"type":"a","payload":' + payload + b"}"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 415, "unsupported_media_type"),
        (b"{", 400, "malformed_json"),
        (b"{}x", 400, "malformed_json"),
        (b"\xff\xfe", 400, "malformed_json"),
        (b"\xef\xbb\xbf{}", 400, "malformed_json"),
        (b"null", 422, "invalid"),
        (b"[]", 422, "invalid"),
        (b'"x"', 422, "invalid"),
        (enqueue(b"NaN"), 400, "malformed_json"),
        (enqueue(b"Infinity"), 400, "malformed_json"),
        (enqueue(b'{"a":NaN}'), 400, "malformed_json"),
        (enqueue(b"1e999"), 422, "invalid"),
        (enqueue(b"01"), 400, "malformed_json"),
        (enqueue(b'"\\ud800"'), 422, "invalid"),
        (enqueue(b'"\x00"'), 400, "malformed_json"),
        (enqueue(b'"\xff"'), 422, "invalid"),
        (enqueue(DEEP), 422, "invalid"),
        (enqueue(b"[" * 500 + b"]" * 500), 422, "invalid"),
        (enqueue(b"[" * 100_000), 422, "invalid"),
        (enqueue(LONG), 422, "invalid"),
        (enqueue(b"-" + LONG), 422, "invalid"),
        (enqueue(b'{"a":1,"a":2}'), 422, "invalid"),
        (b'{"type":"a","type":"b","payload":1}', 422, "invalid"),
        (b'{"type":"a","payload":1,"payload":2}', 422, "invalid"),
        (b'{"type":"a","payload":1,"options":{"queue":"a","queue":"b"}}', 422, "invalid"),
        (b'{"type":"a"}', 422, "invalid"),
        (b'{"payload":1}', 422, "invalid"),
        (b'{"type":"","payload":1}', 422, "invalid"),
        (b'{"type":"a\\n","payload":1}', 422, "invalid"),
        (b'{"type":"a\\u0000","payload":1}', 422, "invalid"),
        (b'{"type":null,"payload":1}', 422, "invalid"),
        (b'{"type":"a","payload":1,"jobId":""}', 422, "invalid"),
        (b'{"type":"a","payload":1,"jobId":".."}', 422, "invalid"),
        (b'{"type":"a","payload":1,"jobId":"a/b"}', 422, "invalid"),
        (b'{"type":"a","payload":1,"unknown":1}', 422, "invalid"),
    ],
)
def test_a_bad_body_is_refused(api, body, status, code):
    content_type = "" if not body else "application/json"
    problem(api.post("/jobs", body, content_type=content_type), status, code)
    assert api.get("/stats").json()["total"] == 0


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"delay": -1}, "delay"),
        ({"delay": True}, "delay"),
        ({"delay": 1.5}, "delay"),
        ({"delay": "5"}, "delay"),
        ({"delay": 2**63}, "delay"),
        ({"delay": 2**200}, "delay"),
        ({"maxRetries": -1}, "maxRetries"),
        ({"maxRetries": 101}, "maxRetries"),
        ({"maxRetries": True}, "maxRetries"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": 2**63}, "timeout"),
        ({"priority": "urgent"}, "priority"),
        ({"priority": 1}, "priority"),
        ({"queue": "Mail"}, "queue"),
        ({"queue": "a\n"}, "queue"),
        ({"queue": "x" * 65}, "queue"),
        ({"runAt": "2030-01-01T00:00:00"}, "runAt"),
        ({"runAt": 1_900_000_000}, "runAt"),
        ({"runAt": "tomorrow"}, "runAt"),
        ({"runAt": "9999-12-31T23:59:59-12:00"}, "runAt"),
        ({"runAt": "2030-01-01T00:00:00Z", "delay": 5}, "runAt"),
        ({"deduplicationKey": "k" * 257}, "deduplicationKey"),
        ({"deduplicationKey": "é" * 200}, "deduplicationKey"),
        ({"deduplicationTtl": 5}, "deduplicationTtl"),
        ({"tags": "a"}, "tags"),
        ({"tags": ["a"] * 11}, "tags"),
        ({"tags": ["x" * 65]}, "tags[0]"),
        ({"tags": [1]}, "tags[0]"),
        ({"onDuplicate": "ignore"}, "onDuplicate"),
        ({"backoff": {"factor": 0.5}}, "backoff.factor"),
        ({"backoff": {"base": 5000, "max": 1}}, "backoff"),
        ({"backoff": {"unknown": 1}}, "backoff.unknown"),
        ({"backoff": []}, "backoff"),
        ({"max_retries": 1}, "max_retries"),
    ],
)
def test_a_bad_option_is_named(api, options, field):
    document = problem(api.post("/jobs", {"type": "a", "payload": 1, "options": options}), 422, "invalid")
    assert [each["field"] for each in document["errors"]] == [f"options.{field}"]
    assert all(each["message"] for each in document["errors"])


def test_all_that_is_wrong_is_named_at_once(api):
    body = {"type": 1, "x": 1, "y": 2, "options": {"delay": -1, "z": 3}}
    document = problem(api.post("/jobs", body), 422, "invalid")
    fields = {each["field"] for each in document["errors"]}
    assert fields == {"type", "x", "y", "options.delay", "options.z", "payload"}


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_other_content_types_are_refused(api, content_type):
    problem(api.post("/jobs", enqueue(b"1"), content_type=content_type), 415, "unsupported_media_type")


def test_utf8_may_be_said_and_nothing_else(api):
    assert api.post("/jobs", enqueue(b"1"), content_type="application/json; charset=UTF-8").status_code == 201
    latin = api.post("/jobs", enqueue(b"1"), content_type="application/json; charset=latin-1")
    problem(latin, 415, "unsupported_media_type")
    packed = api.post("/jobs", enqueue(b"1"), **{"Content-Encoding": "gzip"})
    problem(packed, 415, "unsupported_media_type")


def test_a_payload_over_the_limit_is_refused(api):
    problem(api.post("/jobs", enqueue(b'"' + b"x" * 1_048_576 + b'"')), 413, "payload_too_large")
    assert api.post("/jobs", enqueue(b'"' + b"x" * 1_048_574 + b'"')).status_code == 201


def test_a_body_of_100_megabytes_is_refused_without_reading_it(api):
    response = api.client.generic(
        "POST", "/api/jobs", b"{", content_type="application/json", headers=api.headers, CONTENT_LENGTH="104857600"
    )
    problem(response, 413, "payload_too_large")


def test_a_body_without_a_length_is_counted():
    async def application(scope, receive, send):
        while (await receive()).get("more_body"):
            pass

    async def receive():
        return {"type": "http.request", "body": b"x" * 1000, "more_body": True}

    sent = []

    async def send(message):
        sent.append(message)

    asyncio.run(BodyLimit(application, 10_000)({"type": "http", "headers": []}, receive, send))
    assert sent[0]["status"] == 413
    assert b"payload_too_large" in sent[1]["body"]


@pytest.mark.parametrize(
    "path", ["/nothing", "/jobs/", "/jobs/a/b/c", "/jobs/unknown", "/jobs/a b", "/jobs/%00", "/jobs/%ff"]
)
def test_what_is_not_there_is_404(api, path):
    problem(api.get(path), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/jobs", "GET, HEAD, POST"),
        ("PATCH", "/jobs/x", "DELETE, GET, HEAD"),
        ("GET", "/jobs/bulk", "POST"),
        ("POST", "/stats", "GET, HEAD"),
        ("DELETE", "/queues", "GET, HEAD"),
        ("OPTIONS", "/jobs", "GET, HEAD, POST"),
        ("NONSENSE", "/jobs", "GET, HEAD, POST"),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(api, method, path, allowed):
    response = api.client.generic(method, f"/api{path}", headers=api.headers)
    problem(response, 405, "method_not_allowed")
    assert response["Allow"] == allowed


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("limit=0", ["limit"]), ("limit=-1", ["limit"]), ("limit=501", ["limit"]), ("limit=1e9", ["limit"]),
        ("limit=x", ["limit"]), ("limit=", ["limit"]), ("limit=1&limit=2", ["limit"]), ("limit=%D9%A1", ["limit"]),
        ("limit=99999999999999999999", ["limit"]), ("status=dead&status=x", ["status"]), ("status=", ["status"]),
        ("priority=HIGH", ["priority"]), ("createdAfter=2020-01-01", ["createdAfter"]),
        ("createdAfter=2020-01-01T00:00:00", ["createdAfter"]), ("createdAfter=1600000000", ["createdAfter"]),
        ("cursor=nonsense", ["cursor"]), ("cursor=", ["cursor"]), ("cursor=%00%ff", ["cursor"]),
        ("offset=5", ["offset"]), ("a=1&b=2", ["a", "b"]), ("Status=dead", ["Status"]), ("q=" + "x" * 201, ["q"]),
    ],
)  # fmt: skip
def test_a_bad_query_is_refused(api, query, names):
    document = problem(api.get(f"/jobs?{query}"), 422, "invalid")
    assert [each["field"] for each in document["errors"]] == names


@pytest.mark.parametrize(("method", "path"), [("POST", "/jobs/x/cancel"), ("GET", "/stats"), ("DELETE", "/jobs/x")])
def test_no_endpoint_takes_unknown_parameters(api, method, path):
    response = api.client.generic(method, f"/api{path}?force=1", headers=api.headers)
    assert problem(response, 422, "invalid")["errors"][0]["field"] == "force"


def test_an_endpoint_without_a_body_takes_none(api):
    job_id = api.post("/jobs", {"type": "a", "payload": 1, "options": {"delay": 60_000}}).json()["jobId"]
    problem(api.post(f"/jobs/{job_id}/run-now", {"force": True}), 422, "invalid")
    assert api.post(f"/jobs/{job_id}/run-now", {}).status_code == 200


@pytest.mark.parametrize("value", ["x" * 129, "é", "a\tb"])
def test_a_bad_idempotency_key_is_refused(api, value):
    problem(api.post("/jobs", {"type": "a", "payload": 1}, **{"Idempotency-Key": value}), 422, "invalid")


def test_an_error_of_ours_shows_nothing(api, monkeypatch, caplog):
    def broken(self):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("jobs.inspector.Inspector.stats", broken)
    response = api.get("/stats")
    problem(response, 500, "internal_error")
    assert b"secret" not in response.content
    assert b"Traceback" not in response.content


def test_debug_shows_no_more(api):
    with override_settings(DEBUG=True):
        problem(api.post("/jobs", b"{"), 400, "malformed_json")


def test_a_host_that_is_not_ours_is_refused_in_the_same_form(api):
    problem(api.get("/stats", Host="evil.example"), 400, "malformed_request")
