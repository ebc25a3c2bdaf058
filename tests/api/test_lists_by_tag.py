"""Lists by tag, with an index of tags and without one: every job once, whatever moves meanwhile."""

from __future__ import annotations

import pytest

from jobs.clock import isoformat
from tests.api.test_lists import ids, listed
from tests.store.tagging import keep, keep_no_longer, make_whole, tagged
from tests.support.jobs import completed, failed


def of(page):
    """How many jobs there were to look at."""
    return page["searched"]["of"]


def test_few_jobs_among_many_are_found_by_looking_at_them_alone(api, kit):
    keep(kit)
    made = []
    for _ in range(7):
        kit.enqueue_many(100)
        made.append(kit.enqueue(tags=("vip",)))
    items, pages = listed(api, tag="vip", limit=3)
    assert ids(items) == made[::-1]
    assert [page["searched"]["count"] for page in pages] == [3, 6, 7]
    assert {of(page) for page in pages} == {7}
    keep_no_longer(kit)
    items, pages = listed(api, tag="vip", limit=3)
    assert ids(items) == made[::-1]
    assert of(pages[0]) == 707


def test_jobs_are_listed_exactly_once_while_they_move(api, kit):
    keep(kit)
    worker = kit.worker()
    made = [kit.enqueue(tags=("vip",)) for _ in range(40)]
    first = api.get("/jobs?tag=vip&limit=10").json()
    claims = kit.claim(worker, 40)
    worker.complete([completed(claim) for claim in claims[::3]])
    worker.fail([failed(claim) for claim in claims[1::3]])
    worker.fail([failed(claim, final=True) for claim in claims[2::3]])
    second = api.get(f"/jobs?tag=vip&limit=10&cursor={first['nextCursor']}").json()
    kit.operator.retry([claim.id for claim in claims[2::3]])
    gone = made[3:6]
    kit.operator.delete(gone)
    kit.enqueue(tags=("vip",))
    third = api.get(f"/jobs?tag=vip&limit=50&cursor={second['nextCursor']}").json()
    seen = [job_id for page in (first, second, third) for job_id in ids(page["items"])]
    assert seen == [job_id for job_id in made[::-1] if job_id not in gone]
    assert third["nextCursor"] is None


def test_a_job_with_several_of_the_tags_is_listed_once(api, kit):
    keep(kit)
    kit.enqueue_many(50)
    made = [kit.enqueue(tags=tags) for tags in (("a",), ("b", "a"), ("b",), ("c",), ("a", "b", "c"))]
    items, pages = listed(api, tag=["a", "b"], limit=2)
    assert ids(items) == [made[4], made[2], made[1], made[0]]
    assert of(pages[0]) == 6


@pytest.mark.parametrize("state", ["pending", "active", "retrying", "completed", "dead", "cancelled", "scheduled"])
def test_a_tag_and_a_state_restrict_together(api, kit, state):
    keep(kit)
    worker = kit.worker()
    for name in ("completed", "dead", "retrying", "active"):
        for tags in ((), ("vip",)):
            claim = kit.claimed(worker, job_id=f"{name}{len(tags)}", queue=f"{name}{len(tags)}", tags=tags)
            if name == "completed":
                worker.complete([completed(claim)])
            elif name != "active":
                worker.fail([failed(claim, delay_ms=60_000, final=name == "dead")])
    for tags in ((), ("vip",)):
        kit.enqueue(f"scheduled{len(tags)}", delay_ms=60_000, tags=tags)
        kit.enqueue(f"cancelled{len(tags)}", tags=tags)
        kit.operator.cancel([f"cancelled{len(tags)}"])
        kit.enqueue(f"pending{len(tags)}", tags=tags)
    items, pages = listed(api, tag="vip", status=state)
    assert ids(items) == [f"{state}1"]
    assert of(pages[0]) == 2  # those of the state, fewer than those with the tag
    assert len(listed(api, tag="vip", status=[state, "blocked"])[0]) == 1


def test_the_tag_is_looked_at_where_fewer_have_it_than_are_in_the_state(api, kit):
    keep(kit)
    kit.enqueue_many(50)
    made = kit.enqueue(tags=("vip",))
    items, pages = listed(api, tag="vip", status="pending", q=made)
    assert (ids(items), of(pages[0])) == ([made], 1)


@pytest.mark.parametrize("then", ["ends", "ends and begins anew"])
def test_a_list_goes_on_when_the_index_is_kept_no_longer(api, kit, then):
    keep(kit)
    made = []
    for _ in range(10):
        kit.enqueue_many(3)
        made.append(kit.enqueue(tags=("vip",)))
    first = api.get("/jobs?tag=vip&limit=4").json()
    keep_no_longer(kit)
    if then == "ends and begins anew":
        keep(kit)
    kit.enqueue(tags=("vip",))
    second = api.get(f"/jobs?tag=vip&limit=50&cursor={first['nextCursor']}").json()
    assert ids(first["items"]) + ids(second["items"]) == made[::-1]


def test_an_index_that_does_not_reach_back_serves_what_it_reaches(api, kit):
    early = [kit.enqueue(tags=("vip",)) for _ in range(3)]
    kit.enqueue_many(20)
    kit.advance(60_000)
    keep(kit)
    kit.advance(1000)
    late = kit.enqueue(tags=("vip",))
    assert tagged(kit, "vip") == [late]
    items, pages = listed(api, tag="vip")
    assert (ids(items), of(pages[0])) == ([late, *early[::-1]], 24)
    since = isoformat(kit.record(late).created)
    items, pages = listed(api, tag="vip", createdAfter=since)
    assert (ids(items), of(pages[0])) == ([late], 1)
    make_whole(kit)
    items, pages = listed(api, tag="vip")
    assert (ids(items), of(pages[0])) == ([late, *early[::-1]], 4)
    items, pages = listed(api, tag="vip", createdBefore=since)
    assert ids(items) == early[::-1]


def test_an_unreadable_job_is_in_no_list_by_tag(api, kit):
    keep(kit)
    bad, good = kit.enqueue(tags=("vip",)), kit.enqueue(tags=("vip",))
    kit.client.call("HSET", kit.keys.metadata, bad, b"\xc1")
    assert ids(listed(api, tag="vip")[0]) == [good]


def test_an_entry_of_a_job_that_is_gone_is_passed_over(api, kit):
    keep(kit)
    good = kit.enqueue(tags=("vip",))
    kit.client.call("ZADD", kit.keys.tagged("vip"), 1, "nobody")
    kit.enqueue_many(5)
    assert ids(listed(api, tag="vip")[0]) == [good]
