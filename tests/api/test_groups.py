"""Error groups by REST: where they stand, what people say of them, and how many died when."""

from dataclasses import replace

import pytest

from jobs.models import AuditEntry
from jobs.store.triage import Verdict
from jobs.types import Failure
from tests.api.conftest import Api, problem
from tests.support.jobs import failed

BOOM = Failure("ValueError", "boom", "", "b" * 16)
KEY = Failure("KeyError", "missing", "", "e" * 16)
HOUR_MS = 3_600_000


@pytest.fixture
def die(kit):
    """Return a function that lets jobs of a type die of an error."""
    worker = kit.worker()

    def run(failure, job_type="mail", count=1):
        claims = [kit.claimed(worker, type=job_type) for _ in range(count)]
        worker.fail([failed(claim, failure, final=True) for claim in claims])

    return run


def statuses(api, **parameters):
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    return {line["fingerprint"][0]: line["status"] for line in api.get(f"/dlq/groups?{query}").json()["items"]}


def test_a_resolved_group_comes_back_as_regressed(api, kit, die):
    die(BOOM)
    die(KEY)
    assert statuses(api) == {"b": "open", "e": "open"}
    assert api.post(f"/dlq/groups/{BOOM.fingerprint}/resolve", {"reason": "a fix is out"}).status_code == 204
    assert statuses(api) == {"b": "resolved", "e": "open"}
    kit.advance(1000)
    die(BOOM)
    assert statuses(api) == {"b": "regressed", "e": "open"}
    assert api.post(f"/dlq/groups/{BOOM.fingerprint}/reopen").status_code == 204
    assert statuses(api) == {"b": "open", "e": "open"}


def test_an_error_is_known_when_it_comes_back_after_its_jobs_were_deleted(api, kit, die):
    die(BOOM)
    api.post(f"/dlq/groups/{BOOM.fingerprint}/resolve")
    [job] = api.get("/dlq").json()["items"]
    assert api.delete(f"/dlq/{job['jobId']}").status_code == 204
    assert statuses(api) == {}
    kit.advance(1000)
    die(BOOM)
    assert statuses(api) == {"b": "regressed"}


def test_an_ignored_group_stays_ignored(api, kit, die):
    die(KEY)
    api.post(f"/dlq/groups/{KEY.fingerprint}/ignore", {"reason": "known"})
    kit.advance(1000)
    die(KEY)
    [line] = api.get("/dlq/groups").json()["items"]
    assert (line["status"], line["note"], line["notedBy"], line["count"]) == ("ignored", "known", "tester", 2)
    assert line["notedAt"] < line["lastSeen"]


def test_groups_are_found_by_status_and_type_and_counted(api, die):
    die(BOOM, "mail", 3)
    die(KEY, "etl", 2)
    api.post(f"/dlq/groups/{KEY.fingerprint}/ignore")
    assert statuses(api, status="ignored") == {"e": "ignored"}
    assert statuses(api, type="mail") == {"b": "open"}
    assert statuses(api, limit=1) == {"b": "open"}
    found = api.get("/dlq/groups?status=open&status=regressed").json()
    assert [line["fingerprint"] for line in found["items"]] == [BOOM.fingerprint]
    assert found["counts"] == {"open": 1, "regressed": 0, "resolved": 0, "ignored": 1}
    problem(api.get("/dlq/groups?trend=yes"), 422, "invalid")


def test_a_trend_tells_how_many_died_in_each_hour(api, kit, die):
    die(BOOM, count=2)
    kit.advance(5 * HOUR_MS)
    die(BOOM, count=3)
    [line] = api.get("/dlq/groups").json()["items"]
    assert line["trend"] is None
    [line] = kit_groups(kit)
    assert line.trend == [0] * 18 + [2] + [0] * 4 + [3]
    die(BOOM)
    [line] = kit_groups(kit)
    assert line.trend == [0] * 18 + [2] + [0] * 4 + [4]
    oldest = api.get("/dlq").json()["items"][-1]
    assert api.delete(f"/dlq/{oldest['jobId']}").status_code == 204
    [line] = kit_groups(kit)
    assert line.trend == [0] * 18 + [1] + [0] * 4 + [4]
    kit.advance(HOUR_MS)
    [line] = kit_groups(kit)
    assert line.trend == [0] * 17 + [1] + [0] * 4 + [4, 0]


def test_groups_come_a_page_at_a_time_and_are_found_by_their_words(api, kit, die):
    for number in range(5):
        die(Failure("ValueError", f"step {number} Refused", "", f"{number:016x}"), f"type-{number}", count=5 - number)
    pages = [api.get(f"/dlq/groups?limit=2&offset={offset}").json() for offset in (0, 2, 4, 6)]
    assert [[line["count"] for line in page["items"]] for page in pages] == [[5, 4], [3, 2], [1], []]
    assert [page["matching"] for page in pages] == [5] * 4
    found = api.get("/dlq/groups?q=3 REFUSED").json()
    assert ([line["error"] for line in found["items"]], found["matching"]) == (["ValueError: step 3 Refused"], 1)
    assert [line["types"] for line in api.get("/dlq/groups?q=type-4").json()["items"]] == [["type-4"]]
    two = api.get(f"/dlq/groups?fingerprint={1:016x}&fingerprint={2:016x}&fingerprint={'f' * 16}").json()
    assert [line["fingerprint"] for line in two["items"]] == [f"{1:016x}", f"{2:016x}"]
    problem(api.get("/dlq/groups?fingerprint=B"), 422, "invalid")
    problem(api.get("/dlq/groups?offset=-1"), 422, "invalid")


def test_groups_are_not_found_by_words_that_are_hidden(api, key, kit, use, api_config, die):
    use(replace(api_config, redact_fields=("card",)))
    worker = kit.worker()
    claim = kit.claimed(worker, type="pay", payload=b'{"card": "4711-0815"}')
    worker.fail([failed(claim, Failure("Declined", "card 4711-0815 declined", "", "d" * 16), final=True)])
    reader = Api(key("read", name="reader"))
    assert reader.get("/dlq/groups?q=4711").json()["matching"] == 0
    assert reader.get("/dlq/groups?q=declined").json()["matching"] == 1
    assert Api(key(name="all")).get("/dlq/groups?q=4711").json()["matching"] == 1


def kit_groups(kit):
    from jobs.inspection.groups import GroupsWanted, group_page

    kit.advance(1)
    return group_page(kit.store, GroupsWanted(trend=True)).lines


def test_what_is_said_of_an_error_is_on_record(api, die):
    die(BOOM)
    for verb in ("resolve", "ignore", "reopen"):
        api.post(f"/dlq/groups/{BOOM.fingerprint}/{verb}", {"reason": verb})
    entries = AuditEntry.objects.order_by("id").values_list("action", "target_kind", "target_id", "reason", "status")
    assert list(entries) == [
        (f"dlq.{verb}", "dlq", BOOM.fingerprint, verb, "done") for verb in ("resolve", "ignore", "reopen")
    ]


def test_of_a_group_that_never_was_nothing_can_be_said(api):
    problem(api.post("/dlq/groups/0123456789abcdef/resolve"), 404, "not_found")


def test_the_oldest_notes_make_room_for_new_ones(kit, die, monkeypatch):
    monkeypatch.setattr("jobs.store.triage.MOST_KEPT", 2)
    for letter in "abc":
        die(Failure("ValueError", "boom", "", letter * 16))
        kit.store.triage.note(letter * 16, Verdict.RESOLVED, "me", "")
        kit.advance(10)
    assert sorted(kit.store.triage.notes()) == ["b" * 16, "c" * 16]
    assert kit.client.call("ZCARD", kit.store.keys.triage[1]) == 2
