"""What comes in about schedules: bytes stay as they are, and what cannot be is refused, each with its field."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import pytest

from jobs.handlers import handler, registry
from jobs.store.registry import WorkerInfo
from schedules.models import Schedule
from tests.api.conftest import ONE_WAY, Api, problem
from tests.api.test_schedules import EVERYTHING, HERE, NIGHTLY, made

pytestmark = ONE_WAY  # behind both lies the same endpoint
BODY = json.dumps(NIGHTLY).encode()[:-1]


@pytest.mark.parametrize(
    "payload",
    [
        b"130775545883395173", b"12345678901234567890123", b"1.0", b"[]", b"{}", b'"007"', b"null", b"-0.0", b"1e2",
        b'{"b":1,"a":{"z":[1,2.50,3]}}', b'"\\u00e9\xc3\xa9"', b'"\\u0000"', b"[ 1 ,\n 2 ]", b"9" * 4300,
    ],
)  # fmt: skip
def test_a_payload_is_kept_and_sent_byte_for_byte(api, kit, payload):
    assert api.post("/schedules", BODY + b',"payload":' + payload + b"}").status_code == 201
    assert b'"payload":' + payload + b"}" in api.get(HERE).content
    job_id = api.post(f"{HERE}/run").json()["jobId"]
    assert kit.record(job_id).version == 1
    assert b'"payload":' + payload + b"," in api.get(f"/jobs/{job_id}").content
    again = api.put(HERE, b'{"version":1,"cron":"@hourly"}')
    assert b'"payload":' + payload + b"}" in again.content


def test_a_payload_is_replaced_byte_for_byte(api, kit):
    made(api, payload={"n": 1})
    answer = api.put(HERE, b'{"version":1,"payload":{"n": 1.0, "big":130775545883395173}}')
    assert b'"payload":{"n": 1.0, "big":130775545883395173}}' in answer.content
    assert api.put(HERE, b'{"version":2,"payload":null}').json()["payload"] is None


BAD: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, "name"),
    ({"name": "Nightly"}, "name"),
    ({"name": "new"}, "name"),
    ({"name": "preview"}, "name"),
    ({"name": ".."}, "name"),
    ({"name": "a/b"}, "name"),
    ({"name": "nightly\n"}, "name"),
    ({"name": "x" * 65}, "name"),
    ({"name": 7}, "name"),
    ({"type": "no such type"}, "type"),
    ({"type": "a/../b"}, "type"),
    ({"cron": ""}, "cron"),
    ({"cron": "* * * *"}, "cron"),
    ({"cron": "60 * * * *"}, "cron"),
    ({"cron": "*/0 * * * *"}, "cron"),
    ({"cron": "@never"}, "cron"),
    ({"cron": "@reboot"}, "cron"),
    ({"cron": "0 0 30 2 *"}, "cron"),
    ({"cron": "0 0 31 4,6,9,11 *"}, "cron"),
    ({"cron": "\u0661 * * * *"}, "cron"),
    ({"cron": "0 0 * * *" + " " * 92}, "cron"),
    ({"cron": None}, "cron"),
    ({"timeZone": "Mars/Olympus"}, "timeZone"),
    ({"timeZone": "europe/berlin"}, "timeZone"),
    ({"timeZone": "../../etc/passwd"}, "timeZone"),
    ({"timeZone": "+02:00"}, "timeZone"),
    ({"timeZone": ""}, "timeZone"),
    ({"timeZone": None}, "timeZone"),
    ({"queue": ""}, "queue"),
    ({"queue": "Mail"}, "queue"),
    ({"queue": "."}, "queue"),
    ({"priority": "urgent"}, "priority"),
    ({"maxRetries": -1}, "maxRetries"),
    ({"maxRetries": 101}, "maxRetries"),
    ({"maxRetries": True}, "maxRetries"),
    ({"timeout": 0}, "timeout"),
    ({"timeout": 1.5}, "timeout"),
    ({"timeout": 8 * 86_400_000}, "timeout"),
    ({"tags": ["a"] * 11}, "tags"),
    ({"tags": ["a\n"]}, "tags"),
    ({"tags": "a"}, "tags"),
    ({"overlap": "queue"}, "overlap"),
    ({"missed": "some"}, "missed"),
    ({"reason": "x" * 501}, "reason"),
    ({"paused": True}, "paused"),
    ({"colour": "red"}, "colour"),
    ({"delay": 1}, "delay"),
]


@pytest.mark.parametrize(("wrong", "field"), BAD)
def test_a_schedule_that_cannot_be_is_refused_at_its_field(api, kit, wrong, field):
    refusal = problem(api.post("/schedules", NIGHTLY | wrong), 422, "invalid")
    assert [error["field"].partition("[")[0] for error in refusal["errors"]] == [field]
    assert not Schedule.objects.exists()


def test_so_is_a_change_and_nothing_of_it_is_kept(api, kit):
    before = made(api)
    for wrong, field in (case for case in BAD if case[1] != "name"):
        refusal = problem(api.put(HERE, {"version": 1, "tags": ["new"]} | wrong), 422, "invalid")
        assert [error["field"].partition("[")[0] for error in refusal["errors"]] == [field], wrong
    assert api.get(HERE).json() == before


def test_all_that_is_wrong_is_said_at_once(api, kit):
    refusal = problem(api.post("/schedules", NIGHTLY | {"cron": "x", "timeZone": "y", "queue": "."}), 422, "invalid")
    assert {error["field"] for error in refusal["errors"]} == {"cron", "timeZone", "queue"}
    assert {error["field"] for error in problem(api.post("/schedules", {}), 422, "invalid")["errors"]} == {
        "name", "type", "cron",
    }  # fmt: skip


def test_an_expression_that_never_comes_is_refused_in_words(api, kit):
    refusal = problem(api.post("/schedules", NIGHTLY | {"cron": "0 0 30 2 *"}), 422, "invalid")
    assert "day-of-month" in refusal["detail"]


@pytest.mark.parametrize(
    "payload",
    [
        b"NaN", b"1e999", b'{"a":1,"a":2}', b"[" * 101 + b"]" * 101, b"9" * 4301, b'"\\ud800"',
    ],
)  # fmt: skip
def test_a_payload_that_no_job_may_have_is_refused(api, kit, payload):
    answer = api.post("/schedules", BODY + b',"payload":' + payload + b"}")
    assert answer.status_code == (400 if payload == b"NaN" else 422), answer.content
    assert not Schedule.objects.exists()


def test_a_payload_is_as_large_as_an_enqueue_may_have_it(api_config, use, api, kit):
    use(replace(api_config, max_payload_bytes=10))
    made(api, payload="12345678")
    problem(api.post("/schedules", NIGHTLY | {"name": "other", "payload": "123456789"}), 413, "payload_too_large")
    problem(api.put(HERE, {"version": 1, "payload": "123456789"}), 413, "payload_too_large")
    assert api.get(HERE).json()["payload"] == "12345678"


@dataclass
class Report:
    """What `tests.picky` takes."""

    days: int


@pytest.fixture
def picky():
    """Have a handler that takes reports only."""

    @handler("tests.picky", queue="mail", max_retries=9)
    def run(payload: Report) -> None:
        """Nothing."""

    yield
    registry.remove("tests.picky")


def test_a_payload_has_to_be_what_the_handler_takes(api, kit, picky):
    refusal = problem(
        api.post("/schedules", NIGHTLY | {"type": "tests.picky", "payload": {"days": "x"}}), 422, "invalid"
    )
    assert refusal["errors"][0]["field"] == "payload.days"
    problem(api.post("/schedules", NIGHTLY | {"type": "tests.picky"}), 422, "invalid")
    assert made(api, type="tests.picky", payload={"days": 1})["queue"] is None
    assert api.post(f"{HERE}/run").json()["queue"] == "mail"


def test_a_type_that_nobody_knows_is_refused_as_at_an_enqueue(api_config, use, key, kit, monkeypatch):
    monkeypatch.setattr("jobs.store.registry.CACHE_SECONDS", -1)
    use(replace(api_config, accept_unknown_types=False))
    api = Api(key())
    refusal = problem(api.post("/schedules", NIGHTLY), 422, "unknown_job_type")
    assert refusal["errors"][0]["field"] == "type"
    kit.store.registry.heartbeat(
        WorkerInfo(
            id="w", incarnation="0" * 16, pool="p", host="h", pid=1, queues=("q",), types=("report",), concurrency=1
        )
    )
    made(api)


def test_tags_are_kept_once_and_in_order(api, kit):
    assert made(api, tags=["b", "a", "b"])["tags"] == ["b", "a"]


@pytest.mark.parametrize("version", [None, "1", -1, 1.5, True])
def test_a_change_says_of_which_version_it_is(api, kit, version):
    made(api)
    refusal = problem(api.put(HERE, {"version": version, "cron": "@daily"}), 422, "invalid")
    assert refusal["errors"][0]["field"] == "version"
    assert problem(api.put(HERE, {"cron": "@daily"}), 422, "invalid")["errors"][0]["field"] == "version"


def test_a_change_does_not_take_another_name(api, kit):
    made(api)
    refusal = problem(api.put(HERE, {"version": 1, "name": "other"}), 422, "invalid")
    assert refusal["errors"] == [{"field": "name", "message": "there is no such field"}]


def test_what_changes_nothing_is_no_change(api, kit):
    before = made(api, **EVERYTHING)
    body = {name: value for name, value in EVERYTHING.items() if name != "name"}
    assert api.put(HERE, {"version": 1, **body}).json() == before


@pytest.mark.parametrize(
    "query", ["paused=yes", "type=a%20b", "q=a&q=b", "limit=5", "cursor=x", f"q={'x' * 201}", "paused="]
)
def test_a_list_is_asked_for_as_strictly(api, kit, query):
    problem(api.get(f"/schedules?{query}"), 422, "invalid")


@pytest.mark.parametrize("name", ["nobody", "new", "%00", "a%20b", "%2e%2e", "NIGHTLY", "x" * 300, "%ed%a0%80"])
def test_a_name_that_nobody_has_is_not_found(api, kit, name):
    made(api)
    where = f"/schedules/{name}"
    for answer in (
        api.get(where), api.get(f"{where}/ticks"), api.put(where, {"version": 1}), api.delete(where),
        api.post(f"{where}/pause"), api.post(f"{where}/resume"), api.post(f"{where}/run"),
    ):  # fmt: skip
        problem(answer, 404, "not_found")
