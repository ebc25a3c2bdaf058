"""One of two servers is away: what belongs there is refused within a second, and the other takes jobs as ever."""

import time
from dataclasses import replace

import pytest

from jobs.partitioning import Partitions
from tests.api.conftest import Api, problem
from tests.support.partitions import said_id
from tests.support.polling import wait_until

HERE, AWAY = 0, 1


@pytest.fixture
def api(mortal_server, api_config, store_url, use, key):
    """A client of the API on an installation over two servers."""
    use(replace(api_config, redis_url=None, partitions=Partitions(2, (store_url, mortal_server.url))))
    made = Api(key())
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
        problem(api.get(f"/jobs/{said_id(AWAY, 0)}"), 503, "store_unavailable")
    assert wait_until(lambda: api.post("/jobs", job(AWAY, 99)).status_code == 201)


def test_of_a_bulk_what_can_be_taken_is_and_a_repeat_brings_the_rest(api, mortal_server):
    jobs = [job(number % 2, number) for number in range(20, 40)]
    with mortal_server.away("kill"):
        problem(api.post("/jobs/bulk", {"jobs": jobs}), 503, "store_unavailable")
        assert [api.get(f"/jobs/{said_id(HERE, number)}").status_code for number in range(20, 40, 2)] == [200] * 10
    assert wait_until(lambda: api.post("/jobs/bulk", {"jobs": jobs}).status_code in (200, 201))
    assert [api.get(f"/jobs/{each['jobId']}").status_code for each in jobs] == [200] * 20
