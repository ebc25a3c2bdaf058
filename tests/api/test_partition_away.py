"""One of two servers is away: what belongs there is refused within a second, and the other takes jobs as ever."""

import time
from dataclasses import replace

import pytest

from jobs.api.gateway import get_gateway
from jobs.models import ApiKey
from jobs.partitioning import Partitions
from tests.api.conftest import Api, problem
from tests.support.partitions import said_id
from tests.support.polling import wait_until

HERE, AWAY = 0, 1


@pytest.fixture
def over_two(mortal_server, api_config, store_url, use):
    """A function that makes the API work on two servers, of which that of partition `away` may go."""

    def start(away=AWAY, **options):
        urls = (store_url, mortal_server.url)
        spread = Partitions(2, urls if away else urls[::-1])
        use(replace(api_config, redis_url=None, partitions=spread, **options))

    return start


@pytest.fixture
def api(over_two, key):
    """A client of the API on an installation over two servers."""
    over_two()
    return filled(key())


def filled(key):
    made = Api(key)
    assert {made.post("/jobs", job(partition, 0)).status_code for partition in (HERE, AWAY)} == {201}
    return made


def job(partition, number, **more):
    return {"type": "a", "payload": 1, "jobId": said_id(partition, number), **more}


@pytest.mark.parametrize("trouble", ["kill", "freeze"])
def test_what_belongs_there_is_refused_and_the_rest_is_taken(api, mortal_server, trouble):
    with mortal_server.away(trouble):
        for number in range(1, 12):
            assert api.post("/jobs", job(HERE, number)).status_code == 201
            started = time.monotonic()
            problem(api.post("/jobs", job(AWAY, number)), 503, "store_unavailable")
            assert time.monotonic() - started < 1.0
        assert api.get(f"/jobs/{said_id(HERE, 5)}").status_code == 200
        health = api.client.get("/health", headers=api.headers).json()
        [detail] = [part["detail"] for part in health["parts"] if part["name"] == "store"]
        assert "partition 1 is away" in detail
        assert "; the breaker store:1 is " in detail
        problem(api.get(f"/jobs/{said_id(AWAY, 0)}"), 503, "store_unavailable")
    assert wait_until(lambda: api.post("/jobs", job(AWAY, 99)).status_code == 201)


def test_of_a_bulk_what_can_be_taken_is_and_a_repeat_brings_the_rest(api, mortal_server):
    jobs = [job(number % 2, number) for number in range(20, 40)]
    with mortal_server.away("kill"):
        answer = api.post("/jobs/bulk", {"jobs": jobs})
        assert (answer.status_code, [each["index"] for each in answer.json()["accepted"]]) == (201, [*range(0, 20, 2)])
        refused = [(each["index"], each["code"]) for each in answer.json()["refused"]]
        assert refused == [(index, "store_unavailable") for index in range(1, 20, 2)]
        assert [api.get(f"/jobs/{said_id(HERE, number)}").status_code for number in range(20, 40, 2)] == [200] * 10
    assert wait_until(lambda: api.post("/jobs/bulk", {"jobs": jobs}).status_code in (200, 201))
    assert [api.get(f"/jobs/{each['jobId']}").status_code for each in jobs] == [200] * 20


@pytest.mark.parametrize("trouble", ["kill", "freeze"])
def test_without_the_server_of_the_rate_limits_the_other_takes_jobs_and_limits_hold(
    over_two, key, mortal_server, trouble
):
    over_two(away=0)
    text, other = key(), key(name="tight")
    ApiKey.objects.filter(name="tight").update(burst=2, per_second=1)
    api, tight = filled(text), Api(other)
    with mortal_server.away(trouble):
        for number in range(1, 12):
            started = time.monotonic()
            assert api.post("/jobs", job(1, number)).status_code == 201
            problem(api.post("/jobs", job(0, number)), 503, "store_unavailable")
            assert time.monotonic() - started < 2.0
        assert api.get(f"/jobs/{said_id(1, 5)}").status_code == 200
        assert [tight.post("/jobs", job(1, 99)).status_code for _ in range(3)] == [201, 200, 429]
    assert wait_until(lambda: api.post("/jobs", job(0, 99)).status_code == 201)


@pytest.mark.parametrize("away", [0, 1])
def test_new_ids_avoid_a_partition_that_is_known_to_be_away(over_two, key, mortal_server, away):
    over_two(away, breaker_open_seconds=30.0, breaker_longest_seconds=30.0)
    api = Api(key())
    new = {"type": "a", "payload": 1}
    with mortal_server.away("kill"):
        wait_until(lambda: api.post("/jobs", job(away, 1)).status_code == 503 and get_gateway().breakers[away].is_shut)
        answers = [api.post("/jobs", new) for _ in range(8)]
        assert {(each.status_code, each.json()["jobId"][:2]) for each in answers} == {(201, f"{1 - away:02x}")}
        assert api.post("/jobs/bulk", {"jobs": [new] * 30}).status_code == 201


def test_types_that_nobody_can_tell_are_taken_where_their_partition_is_there(over_two, key, mortal_server):
    over_two(away=0, accept_unknown_types=False)
    api = Api(key())
    problem(api.post("/jobs", job(1, 1)), 422, "unknown_job_type")
    with mortal_server.away("kill"):
        assert api.post("/jobs", job(1, 1)).status_code == 201
        problem(api.post("/jobs", job(0, 1)), 503, "store_unavailable")


LISTS = ("/jobs", "/jobs?status=pending&q=0000", "/dlq", "/dlq/groups", "/queues", "/types", "/stats", "/status")


def test_lists_and_figures_are_those_of_the_rest_and_say_so(api, mortal_server):
    whole = {path: api.get(path).json() for path in LISTS}
    assert not any("partitionsAway" in found for found in whole.values())
    with mortal_server.away("kill"):
        found = {path: api.get(path) for path in LISTS}
        assert {path: answer.status_code for path, answer in found.items()} == dict.fromkeys(LISTS, 200)
        assert {path: answer.json()["partitionsAway"] for path, answer in found.items()} == {
            path: [AWAY] for path in LISTS
        }
        for path in LISTS[:2]:
            assert [item["jobId"] for item in found[path].json()["items"]] == [said_id(HERE, 0)]
        assert (found["/stats"].json()["total"], found["/stats"].json()["byState"]["pending"]) == (1, 1)
        assert [queue["pending"] for queue in found["/queues"].json()["items"]] == [1]
        assert found["/status"].json()["status"] != "healthy"
        problem(api.get("/metrics"), 503, "store_unavailable")
        for path in ("/jobs/operations/preview", "/dlq/operations/preview"):  # what is acted on has to be known
            problem(api.post(path, {"filter": {}, "all": True, "action": "delete"}), 503, "store_unavailable")
    wait_until(lambda: not any("partitionsAway" in api.get(path).json() for path in LISTS))
    assert {path: api.get(path).json().keys() for path in LISTS} == {path: each.keys() for path, each in whole.items()}


def test_a_list_goes_on_where_its_partition_went_away_or_came_back(api, mortal_server):
    for number in range(1, 6):
        for partition in (HERE, AWAY):
            assert api.post("/jobs", job(partition, number)).status_code == 201
    first = api.get("/jobs?limit=4").json()
    with mortal_server.away("kill"):
        second = api.get(f"/jobs?limit=4&cursor={first['nextCursor']}").json()
        assert [item["jobId"] for item in second["items"]] == [said_id(HERE, number) for number in (3, 2, 1, 0)]
        start = api.get("/jobs?limit=2").json()
        assert [item["jobId"] for item in start["items"]] == [said_id(HERE, number) for number in (5, 4)]
    rest = wait_until(lambda: api.get(f"/jobs?limit=9&cursor={start['nextCursor']}").json())
    assert said_id(HERE, 3) in [item["jobId"] for item in rest["items"]]


def test_without_the_first_partition_lists_are_refused(over_two, key, mortal_server):
    over_two(away=0)
    api = filled(key())
    with mortal_server.away("kill"):
        for path in LISTS:
            problem(api.get(path), 503, "store_unavailable")


def test_with_the_outbox_on_only_what_belongs_there_waits(over_two, key, mortal_server):
    over_two(away=0, outbox=True)
    api = Api(key())
    with mortal_server.away("kill"):
        away, here = (api.post("/jobs", job(at, 5)) for at in (0, 1))
    assert (away.status_code, away.json()["status"]) == (202, "accepted")
    assert (here.status_code, here.json()["status"]) == (201, "pending")
