"""Rate limits of API keys: exact at the limit, cheap below it, the same for all web processes."""

from __future__ import annotations

import pytest

from jobs.access.principal import Principal
from jobs.api.limiter import AHEAD, PLENTY, Limiter
from jobs.api.problems import Problem
from jobs.models import ApiKey
from tests.api.conftest import Api, problem

JOB = {"type": "a", "payload": 1}
RATE = {"burst": 5, "per_second": 1}


def slow_key(key, **rate):
    text = key()
    ApiKey.objects.update(**(RATE | rate))
    return Api(text)


def test_a_key_is_refused_when_its_tokens_are_spent(api, kit, key):
    client = slow_key(key)
    answers = [client.post("/jobs", JOB) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [201] * 5 + [429]
    assert problem(answers[5], 429, "rate_limited")["detail"].endswith("Try again in 1 s.")
    assert answers[5]["Retry-After"] == "1"
    assert answers[5]["RateLimit-Remaining"] == "0"
    assert api.get("/stats").json()["total"] == 5


def test_answers_tell_what_is_left(api, key):
    client = slow_key(key)
    answer = client.get("/stats")
    assert (answer["RateLimit-Limit"], answer["RateLimit-Remaining"], answer["RateLimit-Reset"]) == ("5", "4", "1")


def test_a_bulk_costs_a_token_for_each_hundred(api, key):
    client = slow_key(key)
    answer = client.post("/jobs/bulk", {"jobs": [JOB] * 301})
    assert answer.status_code == 201
    assert client.get("/stats")["RateLimit-Remaining"] == "0"


def test_a_bulk_that_costs_too_much_makes_nothing(api, key):
    client = slow_key(key, burst=4)
    assert client.get("/stats").status_code == 200
    problem(client.post("/jobs/bulk", {"jobs": [JOB] * 500}), 429, "rate_limited")
    assert api.get("/stats").json()["total"] == 0


def test_people_are_not_limited(api, kit):
    assert Limiter().take(kit.store, Principal("user:1", "ada", frozenset())) == {}


def test_all_processes_share_a_bucket(api, kit):
    principal = Principal("key:1", "crawler", frozenset(), rate=(10, 1))
    limiters = [Limiter(), Limiter()]
    for number in range(10):
        limiters[number % 2].take(kit.store, principal)
    for limiter in limiters:
        with pytest.raises(Problem) as refused:
            limiter.take(kit.store, principal)
        assert refused.value.status == 429


def test_most_requests_of_a_key_with_plenty_ask_the_store_nothing(api, kit):
    principal, limiter = Principal("key:1", "crawler", frozenset(), rate=(1_000_000, 1)), Limiter()
    before = kit.client.call("INFO", "commandstats")
    taken = [limiter.take(kit.store, principal) for _ in range(1 + 20 * (AHEAD + 1))]
    after = kit.client.call("INFO", "commandstats")
    assert calls(after) - calls(before) <= 22
    assert int(taken[-1]["RateLimit-Remaining"]) == 1_000_000 - len(taken)


def test_the_last_tokens_are_given_one_by_one(api, kit):
    burst = PLENTY + 2 * AHEAD
    principal = Principal("key:1", "crawler", frozenset(), rate=(burst, 1))
    limiters = [Limiter(), Limiter()]
    accepted = 0
    for number in range(burst + 40):
        try:
            limiters[number % 2].take(kit.store, principal)
            accepted += 1
        except Problem:
            break
    assert burst <= accepted <= burst + 1  # one token may come back while this runs


def calls(info):
    text = info.decode() if isinstance(info, bytes) else str(info)
    return sum(int(part.split("=")[1].split(",")[0]) for line in text.splitlines() if line.startswith("cmdstat_eval")
               for part in [line.partition(":")[2]])  # fmt: skip


def test_a_large_bulk_fits_into_a_small_bucket(api, key):
    client = slow_key(key, burst=5)
    answer = client.post("/jobs/bulk", {"jobs": [JOB] * 1000})
    assert answer.status_code == 201
    assert answer["RateLimit-Remaining"] == "0"


def test_a_refusal_tells_what_is_left_too(api, kit, key):
    client = slow_key(key)
    refused = client.get("/jobs/nobody")
    assert (refused.status_code, refused["RateLimit-Remaining"]) == (404, "4")


def test_what_is_refused_costs_a_token_too(api, key):
    text = key("read")
    ApiKey.objects.update(**RATE)
    client = Api(text)
    codes = [client.post("/queues/default/pause").status_code for _ in range(3)]
    codes += [client.get("/jobs?nonsense=1").status_code for _ in range(3)]
    assert codes == [403, 403, 403, 422, 422, 429]
