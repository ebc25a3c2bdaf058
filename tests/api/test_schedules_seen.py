"""What of schedules is shown to whom, and what is shown of those that something else has spoilt in the database."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

import pytest
from django.contrib.auth.models import Group, Permission

from jobs.clock import to_datetime
from jobs.handlers import handler, registry
from jobs.redaction import MASK
from schedules.models import Schedule
from tests.api.conftest import ONE_WAY, Api, logged_in, problem
from tests.api.test_schedules import EVERYTHING, HERE, NIGHTLY, made

pytestmark = ONE_WAY  # behind both lies the same endpoint
SECRET = "hunter2-and-more"
PAYLOAD = b'{"order":130775545883395173,"password":"' + SECRET.encode() + b'","n":1.0}'
DUE = to_datetime(1_772_000_000_000)


@pytest.fixture
def reader(api, key):
    """Give a client that may look and operate, but not see payloads."""
    return Api(key("read", "operate"))


@pytest.fixture
def secretive(api, kit):
    """Have a schedule with a secret, whose last tick was refused in words that quote it."""
    assert (
        api.post("/schedules", json.dumps(NIGHTLY).encode()[:-1] + b',"payload":' + PAYLOAD + b"}").status_code == 201
    )
    said = f"ValueError: {SECRET} was taken back"
    Schedule.objects.update(last_at=DUE, last_outcome="refused", last_detail=said)
    Schedule.objects.get().ticks.create(at=DUE, outcome="refused", detail=said, recorded_at=DUE)


VIEWS = ["/schedules", HERE, f"{HERE}/ticks"]


@pytest.mark.parametrize("view", VIEWS)
def test_who_may_not_see_payloads_sees_no_secret(secretive, reader, view):
    page = reader.get(view).content.decode()
    assert SECRET not in page
    assert f"{MASK} was taken back" in page


@pytest.mark.parametrize("view", VIEWS)
def test_who_may_see_payloads_sees_it(secretive, key, view):
    assert SECRET in Api(key("read", "payloads")).get(view).content.decode()


def test_all_but_the_masked_value_stays_byte_for_byte(secretive, reader):
    assert b'"payload":' + PAYLOAD.replace(SECRET.encode(), MASK.encode()) + b"}" in reader.get(HERE).content


def test_each_answer_masks_it(secretive, reader):
    for verb in ("pause", "resume"):
        answer = reader.post(f"{HERE}/{verb}").content.decode()
        assert (SECRET in answer, MASK in answer) == (False, True)


def test_people_see_by_their_permission(secretive, django_user_model):
    for role, sees in (("Viewer", False), ("Operator", False), ("Admin", True)):
        user = django_user_model.objects.create_user(role)
        user.groups.set([Group.objects.get(name=role)])
        assert (SECRET in logged_in(user).get(HERE).content.decode()) is sees, role


def test_a_mask_is_not_stored_in_place_of_what_it_hides(secretive, api):
    masked = PAYLOAD.replace(SECRET.encode(), MASK.encode())
    refusal = problem(api.put(HERE, b'{"version":1,"payload":' + masked + b"}"), 422, "invalid")
    assert refusal["errors"][0]["field"] == "payload"
    body = json.dumps(NIGHTLY | {"name": "copy"}).encode()[:-1] + b',"payload":' + masked + b"}"
    problem(api.post("/schedules", body), 422, "invalid")
    assert Schedule.objects.get().payload.encode() == PAYLOAD


def test_who_may_not_see_a_payload_changes_the_rest_and_not_that(secretive, api, django_user_model):
    user = django_user_model.objects.create_user("ada")
    user.user_permissions.set(Permission.objects.filter(codename__in=("view", "administer", "edit_payload")))
    client = logged_in(user)
    refusal = problem(client.put(HERE, {"version": 1, "payload": {}}), 403, "missing_right")
    assert "edit_payload" in refusal["detail"]
    assert SECRET not in client.put(HERE, {"version": 1, "cron": "@hourly"}).content.decode()
    assert (Schedule.objects.get().cron, Schedule.objects.get().payload.encode()) == ("@hourly", PAYLOAD)


@dataclass
class Strict:
    """What `tests.strict` takes by the time that it runs."""

    password: int


@dataclass
class Chosen:
    """What `tests.strict` takes by then, too."""

    password: Literal["this", "that"]


def test_a_handlers_words_about_a_stored_payload_are_not_passed_on(secretive, api, reader):
    @handler("report")
    def run(payload: Strict) -> None:
        """Nothing."""
        raise ValueError(SECRET)

    try:
        refusal = problem(reader.post(f"{HERE}/run"), 422, "invalid")
        own = problem(api.post(f"{HERE}/run"), 422, "invalid")
    finally:
        registry.remove("report")
    assert refusal["detail"].endswith("the stored payload is not what the handler takes now")
    assert own["errors"][0]["field"] == "payload.password"
    assert own["detail"] != refusal["detail"]


def test_nor_are_they_where_somebody_changes_the_rest(secretive, api, django_user_model):
    @handler("report")
    def run(payload: Chosen) -> None:
        """Nothing."""

    user = django_user_model.objects.create_user("ada")
    user.user_permissions.set(Permission.objects.filter(codename__in=("view", "administer")))
    change = {"version": 1, "cron": "@hourly"}
    try:
        refusal = logged_in(user).put(HERE, change).content.decode()
        own = api.put(HERE, change).content.decode()
    finally:
        registry.remove("report")
    assert ("the stored payload is not what the handler takes now" in refusal, SECRET in refusal) == (True, False)
    assert SECRET in own


@pytest.mark.parametrize("view", VIEWS)
def test_the_secret_of_an_earlier_payload_stays_hidden(secretive, api, reader, view):
    assert api.put(HERE, {"version": 1, "payload": {"password": "another-one"}}).status_code == 200
    page = reader.get(view).content.decode()
    assert SECRET not in page
    assert f"{MASK} was taken back" in page


SPOILT = [
    ({"cron": "every day"}, "Its expression cannot be read: every day"),
    ({"time_zone": "Mars/Olympus"}, "There is no time zone Mars/Olympus."),
    ({"payload": "{"}, "Its payload is no JSON."),
    ({"payload": ""}, "Its payload is no JSON."),
    ({"tags": {"a": 1}}, "Its tags are no list of texts."),
    ({"tags": [1, "a"]}, "Its tags are no list of texts."),
    ({"priority": "urgent"}, "There is no priority urgent."),
    ({"overlap": "maybe"}, "There is no choice maybe."),
    ({"missed": "some"}, "There is no choice some."),
]


@pytest.mark.parametrize(("spoilt", "trouble"), SPOILT)
def test_a_spoilt_schedule_says_what_is_wrong_and_can_be_mended(api, kit, spoilt, trouble):
    made(api, **EVERYTHING)
    Schedule.objects.update(**spoilt)
    assert api.get(HERE).json()["trouble"] == trouble
    fresh = {name: value for name, value in EVERYTHING.items() if name != "name"}
    mended = api.put(HERE, {"version": 1} | fresh)
    assert mended.json()["trouble"] is None, mended.content
    assert {name: mended.json()[name] for name in EVERYTHING} == EVERYTHING


@pytest.mark.parametrize(("spoilt", "trouble"), SPOILT)
def test_a_spoilt_schedule_breaks_neither_the_list_nor_what_is_done_to_it(api, kit, spoilt, trouble):
    made(api, name="a")
    made(api)
    made(api, name="z")
    Schedule.objects.filter(name="nightly").update(**spoilt)
    items = api.get("/schedules").json()["items"]
    assert [item["name"] for item in items] == ["a", "nightly", "z"]
    assert [bool(item["trouble"]) for item in items] == [False, "payload" not in spoilt, False]
    assert api.get(f"{HERE}/ticks").json() == {"items": [], "nextCursor": None}
    assert api.post(f"{HERE}/pause").json()["paused"] is True
    assert api.post(f"{HERE}/resume").status_code == (409 if {"cron", "time_zone"} & spoilt.keys() else 200)
    assert api.post(f"{HERE}/run").status_code in {201, 422}
    assert api.delete(HERE).status_code == 204


def test_a_schedule_that_cannot_be_read_is_not_resumed_and_says_why(api, kit):
    made(api)
    Schedule.objects.update(cron="every day", paused=True)
    refusal = problem(api.post(f"{HERE}/resume"), 409, "conflict")
    assert refusal["detail"].startswith("The stored schedule has no ticks: ")
    assert Schedule.objects.get().paused
