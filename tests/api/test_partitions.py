"""The API of an installation over three partitions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from jobs.conf import Config
from jobs.partitioning import Partitions
from jobs.store.store import Store
from tests.api.conftest import Api, Response, problem
from tests.api.test_rules import TABLE
from tests.support.partitions import Installation, story

THREE = Partitions(3)


@pytest.fixture
def spread(api_config: Config, use: Callable[[Config], None], key: Callable[..., str]) -> Iterator[Installation]:
    """Give an installation with jobs of all states in each partition, which the API is of."""
    config = replace(api_config, partitions=THREE)
    use(config)
    with closing(Installation(Store.open(config))) as made:
        made.play_all(story(3))
        yield made


@pytest.fixture
def client(spread: Installation, key: Callable[..., str]) -> Api:
    """Give a client that may do everything."""
    return Api(key())


def test_every_endpoint_answers(client: Api, spread: Installation) -> None:
    job_id = next(place.id for place in spread.store.reader.walk([spread.kits[2].keys.dlq], 1))
    for wanted, (_, body, _) in TABLE.items():
        method, _, path = wanted.partition(" ")
        path = re.sub("{.*?}", lambda found: job_id if "job_id" in found[0] else "default", path)
        answer = client.post(path, body) if method == "POST" else _send(client, method, path)
        assert answer.status_code < 500 or path.endswith("/stack"), (wanted, answer.content)


def _send(client: Api, method: str, path: str) -> Response:
    return client.get(path) if method == "GET" else client.delete(path)


def test_figures_and_lists_are_those_of_all(client: Api, spread: Installation) -> None:
    made = len(story(3))
    stats = client.get("/stats").json()
    assert stats["total"] == made == sum(stats["byState"].values())
    assert client.get("/status").json()["jobs"] == stats["byState"]
    queues = client.get("/queues").json()["items"]
    assert sum(queue["dead"] for queue in queues) == stats["byState"]["dead"]
    assert sum(queue["pending"] for queue in queues) == stats["byState"]["pending"]
    found, page = [], client.get("/jobs?limit=10").json()
    while True:
        found += [item["jobId"] for item in page["items"]]
        if page["nextCursor"] is None:
            break
        page = client.get(f"/jobs?limit=10&cursor={page['nextCursor']}").json()
    assert len(found) == len(set(found)) == made
    groups = client.get("/dlq/groups?trend=true").json()["items"]
    assert sum(group["count"] for group in groups) == sum(sum(group["trend"]) for group in groups)
    assert sum(group["count"] for group in groups) == stats["byState"]["dead"]
    assert f"queueflow_jobs_enqueued_total {made}.0\n" in client.get("/metrics").content.decode()


def test_another_number_of_partitions_is_refused(
    client: Api, api_config: Config, use: Callable[[Config], None]
) -> None:
    use(replace(api_config, partitions=Partitions(2)))
    answer = client.post("/jobs", {"type": "echo", "payload": {}})
    refused = problem(answer, 503, "store_unavailable")
    assert refused["detail"] == "The store cannot answer now (other partitions)."
    assert answer["Retry-After"] == "30"


def test_jobs_of_an_idempotency_key_lie_where_it_is_remembered(client: Api, spread: Installation) -> None:
    for number in range(6):
        key = {"Idempotency-Key": f"key-{number}"}
        job = {"type": "echo", "payload": number}
        made = client.post("/jobs", job, **key)
        bulk = client.post("/jobs/bulk", {"jobs": [job] * 3}, **{"Idempotency-Key": f"many-{number}"})
        ids = [made.json()["jobId"], *(each["jobId"] for each in bulk.json()["accepted"])]
        assert [client.post("/jobs", job, **key).status_code, made.status_code, len(set(ids))] == [201, 201, 4]
        problem(
            client.post("/jobs", job | {"options": {"deduplicationKey": "one"}}, **key), 422, "idempotency_key_reused"
        )
        at = [spread.kits.index(spread.kit(each)) for each in ids]
        assert at[1:] == at[1:2] * 3
        found = [len(kit.client.call("KEYS", kit.keys.idempotency("*"))) for kit in spread.kits]
        wanted = [0] * len(spread.kits)
        wanted[at[0]] += 1
        wanted[at[1]] += 2  # the whole, and its batch
        assert found == wanted
        for kit in spread.kits:
            names = kit.client.call("KEYS", kit.keys.idempotency("*"))
            if names:
                kit.client.call("DEL", *names)
