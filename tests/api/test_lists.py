"""GET /api/jobs: filters, cursors, exactly once, and records that cannot be read."""

from urllib.parse import quote, urlencode

import pytest

from jobs.clock import isoformat
from jobs.inspection import search
from jobs.types import Envelope, Failure, Priority
from tests.api.conftest import Api, problem
from tests.support.jobs import completed, failed, request


def listed(api, path="/jobs", **query):
    """All items of a list, page by page, and the pages."""
    items, pages, cursor = [], [], None
    while True:
        asked = {**query, **({"cursor": cursor} if cursor else {})}
        response = api.get(f"{path}?{urlencode(asked, doseq=True)}")
        assert response.status_code == 200, response.content
        page = response.json()
        pages.append(page)
        items += page["items"]
        cursor = page["nextCursor"]
        if cursor is None:
            assert page["searched"]["complete"]
            return items, pages


def ids(items):
    return [item["jobId"] for item in items]


def die(kit, worker, error="boom", fingerprint="f" * 16, **options):
    claim = kit.claimed(worker, **options)
    worker.fail([failed(claim, Failure("ValueError", error, "", fingerprint), final=True)])
    return claim.id


def test_an_empty_installation_has_no_jobs(api):
    page = api.get("/jobs").json()
    assert page == {
        "items": [],
        "nextCursor": None,
        "searched": {"count": 0, "of": 0, "oldest": None, "complete": True},
    }


def test_pages_hold_every_job_once_latest_first(api, kit):
    made = kit.enqueue_many(57)
    items, pages = listed(api, limit=10)
    assert ids(items) == made[::-1]
    assert [len(page["items"]) for page in pages] == [10, 10, 10, 10, 10, 7]
    assert pages[2]["searched"] | {"oldest": ""} == {"count": 30, "of": 57, "oldest": "", "complete": False}


def test_jobs_that_come_and_go_meanwhile_do_not_disturb_the_others(api, kit):
    made = kit.enqueue_many(40)
    first = api.get("/jobs?limit=10").json()
    kit.enqueue_many(5)
    kit.operator.delete(made[5:8])
    second = api.get(f"/jobs?limit=50&cursor={first['nextCursor']}").json()
    assert ids(first["items"]) + ids(second["items"]) == [each for each in made[::-1] if each not in made[5:8]]


@pytest.mark.parametrize("state", ["scheduled", "pending", "active", "retrying", "completed", "dead", "cancelled"])
def test_a_state_lists_its_jobs(api, kit, state):
    worker = kit.worker()
    by_state = {
        "completed": kit.claimed(worker, queue="q1"),
        "dead": kit.claimed(worker, queue="q2"),
        "retrying": kit.claimed(worker, queue="q3"),
        "active": kit.claimed(worker, queue="q4"),
    }
    worker.complete([completed(by_state["completed"])])
    worker.fail([failed(by_state["dead"], final=True), failed(by_state["retrying"], delay_ms=60_000)])
    expected = {name: claim.id for name, claim in by_state.items()}
    expected["pending"] = kit.enqueue()
    expected["scheduled"] = kit.enqueue(delay_ms=60_000)
    expected["cancelled"] = kit.enqueue()
    kit.operator.cancel([expected["cancelled"]])
    items, _ = listed(api, status=state)
    assert ids(items) == [expected[state]]
    assert items[0]["status"] == state
    both, _ = listed(api, status=[state, "pending"])
    assert set(ids(both)) == {expected[state], expected["pending"]}
    assert listed(api, status="blocked")[0] == []


def test_active_jobs_are_listed_once_while_their_leases_move(api, kit):
    worker = kit.worker()
    kit.enqueue_many(30)
    claims = kit.claim(worker, want=30)
    first = api.get("/jobs?status=active&limit=10").json()
    kit.advance(5000)
    worker.renew(claims[::2])
    rest = api.get(f"/jobs?status=active&limit=50&cursor={first['nextCursor']}").json()
    seen = ids(first["items"]) + ids(rest["items"])
    assert sorted(seen) == sorted(claim.id for claim in claims)


def test_a_repeated_parameter_means_or_and_different_ones_and(api, kit):
    kit.enqueue("m1", type="mail", queue="a")
    kit.enqueue("m2", type="mail", queue="b", priority=Priority.HIGH)
    kit.enqueue("e1", type="etl", queue="a")
    kit.enqueue("x1", type="x", queue="a")
    assert ids(listed(api, type=["mail", "etl"])[0]) == ["e1", "m2", "m1"]
    assert ids(listed(api, type=["mail", "etl"], queue="a")[0]) == ["e1", "m1"]
    assert ids(listed(api, priority="high")[0]) == ["m2"]
    assert ids(listed(api, status="pending", queue=["a", "b"], type="mail")[0]) == ["m2", "m1"]


def test_times_bound_a_list(api, kit):
    times = {}
    for name in ("old", "middle", "new"):
        kit.enqueue(name)
        times[name] = isoformat(kit.record(name).created)
        kit.advance(60_000)
    assert ids(listed(api, createdAfter=times["middle"])[0]) == ["new", "middle"]
    assert ids(listed(api, createdBefore=times["middle"])[0]) == ["old"]
    assert ids(listed(api, createdAfter=times["middle"], createdBefore=times["new"])[0]) == ["middle"]


@pytest.mark.parametrize("offset", ["Z", "+14:00", "-12:00"])
def test_bounds_may_be_at_the_ends_of_time(api, kit, offset):
    kit.enqueue("job")
    first, last = f"0001-01-01T00:00:00{offset}", f"9999-12-31T23:59:59{offset}"
    assert ids(listed(api, createdAfter=first, createdBefore=last)[0]) == ["job"]
    assert listed(api, createdAfter=last)[0] == listed(api, createdBefore=first)[0] == []
    assert api.get(f"/audit?after={quote(first)}&before={quote(last)}").json()["items"] == []


def test_finishing_times_bound_a_list_of_finished_jobs(api, kit):
    worker = kit.worker()
    for name in ("old", "new"):
        worker.complete([completed(kit.claimed(worker, job_id=name))])
        kit.advance(60_000)
    when = isoformat(kit.record("new").finished)
    for status in ({}, {"status": "completed"}):
        assert ids(listed(api, finishedAfter=when, **status)[0]) == ["new"]
        assert ids(listed(api, finishedBefore=when, **status)[0]) == ["old"]


def test_text_is_found_in_payloads_and_at_the_start_of_ids(api, kit):
    kit.enqueue("order-1", payload='{"customer":"Zoë Ångström","order":"A-4711"}'.encode())
    kit.enqueue("order-2", payload=b'{"customer":"Zo\\u00eb","order":"B-1"}')
    kit.enqueue("other", payload=b'{"x":1}')
    assert ids(listed(api, q="a-4711")[0]) == ["order-1"]
    assert ids(listed(api, q="Zoë")[0]) == ["order-2", "order-1"]
    assert ids(listed(api, q="order-")[0]) == ["order-2", "order-1"]
    assert listed(api, q="nothing of the kind")[0] == []


def test_tags_and_errors_are_found(api, kit):
    kit.producer.enqueue([request("t1")])
    tagged = request("t2")
    kit.producer.enqueue([type(tagged)(id="t2", type="echo", envelope=Envelope(b"{}", 1000, None, ("vip", "eu")))])
    assert ids(listed(api, tag=["vip", "us"])[0]) == ["t2"]
    worker = kit.worker()
    first = die(kit, worker, "connection refused", "a" * 16, queue="q")
    second = die(kit, worker, "no such user", "b" * 16, queue="q", type="mail")
    assert ids(listed(api, error="REFUSED")[0]) == [first]
    assert ids(listed(api, "/dlq", error="b" * 16)[0]) == [second]
    assert ids(listed(api, "/dlq", type="mail")[0]) == [second]
    assert ids(listed(api, "/dlq")[0]) == [second, first]


def test_a_step_ends_after_so_many_records_and_goes_on(api, kit, monkeypatch):
    monkeypatch.setattr(search, "MOST_RECORDS", 50)
    kit.enqueue_many(120)
    kit.enqueue("needle", type="rare")
    kit.enqueue_many(130)
    items, pages = listed(api, type="rare", limit=5)
    assert ids(items) == ["needle"]
    assert [page["searched"]["count"] for page in pages] == [50, 100, 150, 200, 250, 251]
    assert [len(page["items"]) for page in pages] == [0, 0, 1, 0, 0, 0]


def test_a_step_ends_after_so_many_bytes_and_goes_on(api, kit, monkeypatch):
    monkeypatch.setattr(search, "MOST_BYTES", 100_000)
    for _ in range(2):
        kit.enqueue_many(30, payload=b'"' + b"x" * 60_000 + b'"')
    kit.enqueue("needle", payload=b'"needle"')
    for _ in range(2):
        kit.enqueue_many(30, payload=b'"' + b"y" * 60_000 + b'"')
    items, pages = listed(api, q="needle", limit=500)
    assert ids(items) == ["needle"]
    assert len(pages) > 1
    everything, _ = listed(api, limit=500)
    assert len(everything) == 121


def test_previews_are_short_and_items_carry_no_payload(api, kit):
    kit.enqueue("big", payload=b'{"text":"' + "ä".encode() * 500_000 + b'"}')
    kit.enqueue("small", payload=b'{ "a":\n 1 }')
    small, big = listed(api)[0]
    assert small["payloadPreview"] == '{ "a": 1 }'
    assert len(big["payloadPreview"]) == 200
    assert big["payloadPreview"].startswith('{"text":"ää')
    assert big["payloadBytes"] == 1_000_011
    assert not {"payload", "result", "traceback"} & set(big)


def test_a_record_that_cannot_be_read_is_one_marked_item_and_can_be_deleted(api, kit):
    kit.enqueue("good")
    kit.enqueue("bad")
    kit.client.call("HSET", kit.keys.metadata, "bad", b"\xc1nonsense")
    bad, good = listed(api)[0]
    assert (bad["jobId"], bad["unreadable"], bad["status"]) == ("bad", True, None)
    assert (good["jobId"], good["unreadable"]) == ("good", False)
    assert ids(listed(api, status="pending")[0]) == ["bad", "good"]
    assert ids(listed(api, type="echo")[0]) == ["good"]
    assert ids(listed(api, q="ba")[0]) == ["bad"]
    assert listed(api, q="ad")[0] == []
    assert "record" in api.get("/jobs/bad").json()["unreadable"]
    problem(api.post("/jobs/bad/rerun"), 409, "conflict")
    assert api.delete("/jobs/bad").status_code == 204
    problem(api.get("/jobs/bad"), 404, "not_found")
    assert ids(listed(api)[0]) == ["good"]


def test_a_payload_that_cannot_be_read_costs_one_field(api, kit):
    kit.enqueue("bad")
    kit.client.call("HSET", kit.keys.data, "bad", b"\xc1nonsense")
    shown = api.get("/jobs/bad").json()
    assert (shown["status"], shown["payload"], shown["unreadable"]) == ("pending", None, ["payload"])
    [item] = listed(api)[0]
    assert item["payloadPreview"] is None


def test_pending_jobs_of_many_queues_are_listed_once_and_no_others(api, kit):
    worker = kit.worker()
    worker.complete([completed(kit.claimed(worker, queue="over"))])
    made = [kit.enqueue(queue=f"q{number % 97}", priority=tuple(Priority)[number % 3]) for number in range(200)]
    made += kit.enqueue_many(100, queue="q1")
    assert ids(listed(api, status="pending", limit=7)[0]) == made[::-1]


def test_a_clock_that_was_set_back_hides_nothing(api, kit):
    kit.advance(3_600_000)
    kit.enqueue("future")
    kit.advance(-3_600_000)
    kit.enqueue("now")
    soon = isoformat(kit.record("now").created + 60_000)
    assert ids(listed(api, createdBefore=soon)[0]) == ["now"]


def test_listing_needs_the_scope_read(api, key):
    problem(Api(key("enqueue")).get("/jobs"), 403, "missing_scope")
    assert Api(key("read")).get("/jobs").json()["items"] == []
