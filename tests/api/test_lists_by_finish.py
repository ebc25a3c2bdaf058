"""Lists of a time in which jobs were over: a look at that time alone, whatever the states."""

from __future__ import annotations

import pytest

from jobs.clock import isoformat
from tests.api.test_lists import die, ids, listed
from tests.support.jobs import completed


@pytest.fixture
def ended(kit):
    """One job of each way to end a minute, in three minutes, and jobs that have not ended after and before them."""
    kit.advance(-600_000)  # the API's clock is not the kit's: all of these lie behind it
    worker, made = kit.worker(), []
    kit.enqueue_many(100, queue="idle")
    for minute in range(3):
        worker.complete([completed(kit.claimed(worker, job_id=f"completed-{minute}"))])
        kit.advance(2000)
        die(kit, worker, job_id=f"dead-{minute}")
        kit.advance(2000)
        kit.operator.cancel([kit.enqueue(f"cancelled-{minute}")])
        made.append([f"cancelled-{minute}", f"dead-{minute}", f"completed-{minute}"])
        kit.advance(60_000)
    kit.enqueue_many(100, queue="idle")
    return made


def within(kit, minute):
    """The bounds of a minute's jobs."""
    first, last = (kit.record(f"{how}-{minute}").finished for how in ("completed", "cancelled"))
    return {"finishedAfter": isoformat(first), "finishedBefore": isoformat(last + 1)}


def test_a_time_is_read_from_the_ends_of_jobs_alone(api, kit, ended):
    items, pages = listed(api, limit=2, **within(kit, 1))
    assert ids(items) == ended[1]
    assert [page["searched"]["count"] for page in pages] == [2, 3]
    assert {page["searched"]["of"] for page in pages} == {3}


def test_an_open_time_has_all_that_ended_since_latest_end_first(api, kit, ended):
    items, _ = listed(api, limit=2, finishedAfter=within(kit, 1)["finishedAfter"])
    assert ids(items) == ended[2] + ended[1]
    items, _ = listed(api, limit=4, finishedBefore=within(kit, 1)["finishedAfter"])
    assert ids(items) == ended[0]


def test_several_states_are_read_together_and_those_that_do_not_end_have_none(api, kit, ended):
    times = within(kit, 1)
    items, pages = listed(api, status=["dead", "completed", "pending"], **times)
    assert ids(items) == ["dead-1", "completed-1"]
    assert pages[0]["searched"]["of"] == 2
    assert listed(api, status=["pending", "scheduled"], **times)[0] == []
    items, _ = listed(api, type="echo", queue="default", status=["dead", "cancelled"], **times)
    assert ids(items) == ["cancelled-1", "dead-1"]


def test_pages_neither_skip_nor_repeat_while_jobs_move(api, kit, ended):
    since = within(kit, 0)["finishedAfter"]
    first = api.get(f"/jobs?finishedAfter={since}&limit=4").json()
    kit.operator.retry(["dead-1"])
    kit.operator.cancel([kit.enqueue("later")])
    rest = api.get(f"/jobs?finishedAfter={since}&limit=50&cursor={first['nextCursor']}").json()
    wanted = [job_id for minute in ended[::-1] for job_id in minute if job_id != "dead-1"]
    assert ids(first["items"]) + ids(rest["items"]) == wanted
    assert rest["nextCursor"] is None


def test_the_smaller_of_two_times_is_read(api, kit, ended):
    times = within(kit, 1)
    made, until = (isoformat(kit.record(job_id).created) for job_id in ("completed-2", "cancelled-2"))
    items, pages = listed(api, finishedAfter=times["finishedAfter"], createdAfter=made)
    assert (ids(items), pages[0]["searched"]["of"]) == (ended[2], 6)  # 103 were made since
    items, pages = listed(api, finishedAfter=within(kit, 0)["finishedAfter"], createdAfter=made, createdBefore=until)
    assert (ids(items), pages[0]["searched"]["of"]) == (["dead-2", "completed-2"], 3)  # 9 were over since
