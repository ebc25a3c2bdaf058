"""Schedules over REST: they are made, shown, changed, paused, run and deleted, on record."""

from __future__ import annotations

from datetime import timedelta

import pytest

from jobs.clock import isoformat, to_datetime, to_instant_ms
from jobs.models import AuditEntry
from schedules.models import Schedule, Tick
from tests.api.conftest import problem
from tests.support.jobs import completed

NIGHTLY = {"name": "nightly", "type": "report", "cron": "30 6 * * MON-FRI"}
EVERYTHING = NIGHTLY | {
    "payload": {"days": 1},
    "queue": "reports",
    "priority": "low",
    "maxRetries": 0,
    "timeout": 1500,
    "tags": ["b", "a"],
    "timeZone": "Europe/Berlin",
    "overlap": "skip",
    "missed": "all",
}
HERE = "/schedules/nightly"
DUE = to_datetime(1_772_000_000_000)


def made(api, **changes):
    answer = api.post("/schedules", NIGHTLY | changes)
    assert answer.status_code == 201, answer.content
    return answer.json()


def on_record(action):
    return AuditEntry.objects.get(action=f"schedule.{action}")


def test_a_schedule_is_made_with_what_is_usual_and_waits_for_its_first_tick(api, kit):
    answer = api.post("/schedules", NIGHTLY)
    assert (answer.status_code, answer["Location"]) == (201, "/api/schedules/nightly")
    seen = answer.json()
    assert api.get(HERE).json() == seen
    usual = {"queue", "priority", "maxRetries", "timeout", "payload", "lastTick", "trouble"}
    assert [seen[name] for name in usual] == [None] * 7
    assert (seen["timeZone"], seen["overlap"], seen["missed"], seen["paused"]) == ("UTC", "allow", "last", False)
    assert (seen["version"], seen["tags"], seen["explained"]) == (1, [], "At 06:30 on Monday through Friday")
    assert seen["counts"] == {"enqueued": 0, "skipped": 0, "missed": 0, "refused": 0}
    assert isoformat(kit.reader.now_ms()) < seen["nextTick"]
    assert seen["nextTick"].endswith("T06:30:00.000Z")


def test_everything_about_its_job_is_kept(api, kit):
    seen = made(api, **EVERYTHING)
    assert {name: seen[name] for name in EVERYTHING} == EVERYTHING
    job = api.get(f"/jobs/{api.post(f'{HERE}/run').json()['jobId']}").json()
    assert (job["type"], job["queue"], job["priority"], job["payload"]) == ("report", "reports", "low", {"days": 1})
    options = job["options"]
    assert (options["maxRetries"], options["timeout"], options["tags"]) == (0, 1500, ["b", "a"])


def test_making_one_is_on_record_without_its_payload(api, kit):
    made(api, payload={"password": "hunter2"}, reason="the books")
    entry = on_record("create")
    assert (entry.target_kind, entry.target_id, entry.reason, entry.actor) == (
        "schedule",
        "nightly",
        "the books",
        "tester",
    )
    assert entry.detail["cron"] == NIGHTLY["cron"]
    assert "hunter2" not in str(entry.__dict__)


def test_a_name_is_given_once(api, kit):
    made(api)
    refusal = problem(api.post("/schedules", NIGHTLY | {"type": "other"}), 409, "conflict")
    assert refusal["detail"] == "There is a schedule nightly already."
    assert Schedule.objects.get().type == "report"


def test_there_are_a_thousand_at_most(api, kit, monkeypatch):
    monkeypatch.setattr("schedules.service.MOST_SCHEDULES", 1)
    made(api)
    refusal = problem(api.post("/schedules", NIGHTLY | {"name": "another"}), 409, "conflict")
    assert refusal["detail"] == "There are 1 schedules already, and there cannot be more."


def test_they_are_listed_by_name_without_payloads(api, kit):
    for name in ("b", "a.2", "a"):
        made(api, name=name, payload={"n": 1})
    items = api.get("/schedules").json()["items"]
    assert [item["name"] for item in items] == ["a", "a.2", "b"]
    assert "payload" not in items[0]
    shown = api.get("/schedules/a").json()
    del shown["payload"]
    assert items[0] == shown


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["one", "three", "two"]),
        ("paused=true", ["two"]),
        ("paused=false", ["one", "three"]),
        ("type=mail&type=report", ["one", "three"]),
        ("q=T", ["one", "three", "two"]),
        ("q=HR", ["three"]),
        ("q=sync&paused=true", ["two"]),
        ("type=nobody", []),
    ],
)
def test_a_list_is_narrowed(api, kit, query, names):
    for name, kind in (("one", "report"), ("two", "sync-stock"), ("three", "mail/out")):
        made(api, name=name, type=kind.removesuffix("/out"))
    api.post("/schedules/two/pause")
    assert [item["name"] for item in api.get(f"/schedules?{query}").json()["items"]] == names


def test_what_a_change_leaves_out_stays_and_null_is_as_the_handler_says(api, kit):
    before = made(api, **EVERYTHING)
    body = {"version": 1, "cron": "@hourly", "queue": None, "priority": None, "maxRetries": None, "timeout": None}
    after = api.put(HERE, body).json()
    changed = {"queue", "priority", "maxRetries", "timeout"}
    assert [after[name] for name in changed] == [None] * 4
    assert (after["cron"], after["version"], after["explained"]) == ("@hourly", 2, "At the start of every hour")
    others = EVERYTHING.keys() - changed - {"cron"}
    assert {name: after[name] for name in others} == {name: before[name] for name in others}


def test_a_change_is_on_record_with_what_it_was(api, kit):
    made(api)
    api.put(HERE, {"version": 1, "cron": "@hourly", "payload": {"password": "hunter2"}, "reason": "more books"})
    entry = on_record("change")
    assert entry.detail["changed"] == {"cron": ["30 6 * * MON-FRI", "@hourly"]}
    assert (entry.detail["payload"], entry.reason) == ("replaced", "more books")
    assert "hunter2" not in str(entry.__dict__)


def test_a_change_of_an_older_version_is_refused_with_the_current_one(api, kit):
    made(api)
    assert api.put(HERE, {"version": 1, "cron": "@hourly"}).status_code == 200
    refusal = problem(api.put(HERE, {"version": 1, "cron": "@daily"}), 409, "conflict")
    assert refusal["version"] == 2
    assert refusal["detail"] == "The schedule has changed meanwhile: its version is 2."
    assert api.get(HERE).json()["cron"] == "@hourly"


def test_only_another_time_begins_anew(api, kit):
    made(api)
    since = Schedule.objects.get().since
    kit.advance(60)
    api.put(HERE, {"version": 1, "queue": "mail"})
    assert Schedule.objects.get().since == since


def test_pausing_and_resuming_may_be_repeated_and_is_on_record_once(api, kit):
    made(api)
    for _ in range(2):
        seen = api.post(f"{HERE}/pause", {"reason": "a holiday"}).json()
        assert (seen["paused"], seen["nextTick"], seen["version"]) == (True, None, 1)
    for _ in range(2):
        seen = api.post(f"{HERE}/resume").json()
        assert (seen["paused"], seen["version"]) == (False, 1)
        assert seen["nextTick"].endswith("T06:30:00.000Z")
    assert (on_record("pause").reason, on_record("resume").status) == ("a holiday", "done")


def test_its_job_is_enqueued_at_once_also_while_it_is_paused(api, kit):
    made(api, payload=[1, 2])
    api.post(f"{HERE}/pause")
    answer = api.post(f"{HERE}/run", {"reason": "now"})
    receipt = answer.json()
    assert (answer.status_code, receipt["type"], receipt["status"]) == (201, "report", "pending")
    assert answer["Location"] == f"/api/jobs/{receipt['jobId']}"
    assert api.get(f"/jobs/{receipt['jobId']}").json()["payload"] == [1, 2]
    entry = on_record("run")
    assert (entry.target_id, entry.reason, entry.detail["jobId"]) == ("nightly", "now", receipt["jobId"])
    assert api.get(HERE).json()["lastTick"] is None


def test_jobs_that_must_not_overlap_are_not_enqueued_beside_each_other(api, kit):
    made(api, overlap="skip")
    first = api.post(f"{HERE}/run").json()["jobId"]
    assert problem(api.post(f"{HERE}/run"), 409, "duplicate_job")["jobId"] == first
    worker = kit.worker()
    [claim] = kit.claim(worker)
    worker.complete([completed(claim)])
    assert api.post(f"{HERE}/run").status_code == 201


def test_a_deleted_schedule_is_gone_with_its_ticks_and_its_jobs_stay(api, kit):
    made(api)
    job_id = api.post(f"{HERE}/run").json()["jobId"]
    schedule = Schedule.objects.get()
    schedule.ticks.create(at=DUE, outcome="enqueued", job_id=job_id, recorded_at=DUE)
    assert api.delete(f"{HERE}?reason=moved").status_code == 204
    assert (Schedule.objects.count(), Tick.objects.count()) == (0, 0)
    assert api.get(f"/jobs/{job_id}").json()["status"] == "pending"
    assert (on_record("delete").target_id, on_record("delete").reason) == ("nightly", "moved")
    for answer in (api.get(HERE), api.delete(HERE), api.put(HERE, {"version": 1}), api.post(f"{HERE}/run")):
        assert problem(answer, 404, "not_found")["detail"] == "There is no such schedule."


def test_past_ticks_are_paged_newest_first(api, kit):
    for name in ("nightly", "other"):
        made(api, name=name)
        schedule = Schedule.objects.get(name=name)
        for number in range(5):
            at = DUE + timedelta(minutes=number)
            schedule.ticks.create(at=at, outcome="enqueued", job_id=f"{name}-{number}", recorded_at=at)
    first = api.get(f"{HERE}/ticks?limit=2").json()
    rest = api.get(f"{HERE}/ticks?limit=3&cursor={first['nextCursor']}").json()
    assert [tick["jobId"] for tick in first["items"] + rest["items"]] == [f"nightly-{n}" for n in (4, 3, 2, 1, 0)]
    assert rest["nextCursor"] is None
    assert first["items"][0] == {
        "at": isoformat(to_instant_ms(DUE) + 240_000),
        "outcome": "enqueued",
        "jobId": "nightly-4",
        "detail": None,
        "recordedAt": isoformat(to_instant_ms(DUE) + 240_000),
    }
    refusal = problem(api.get(f"/schedules/other/ticks?cursor={first['nextCursor']}"), 422, "invalid")
    assert refusal["errors"][0]["field"] == "cursor"


def test_the_last_tick_and_the_counts_are_shown(api, kit):
    made(api)
    Schedule.objects.update(
        last_at=DUE, last_outcome="skipped", last_job_id="job-7", last_detail="job job-7 was unfinished",
        enqueued=5, skipped=4, missed_count=3, refused=2,
    )  # fmt: skip
    seen = api.get(HERE).json()
    assert seen["lastTick"] == {
        "at": isoformat(to_instant_ms(DUE)),
        "outcome": "skipped",
        "jobId": "job-7",
        "detail": "job job-7 was unfinished",
    }
    assert seen["counts"] == {"enqueued": 5, "skipped": 4, "missed": 3, "refused": 2}
