"""While one of two servers is away pages show what the other has, and say that this is not all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client

from jobs.conf import Config
from jobs.partitioning import Partitions
from jobs.store.store import Store
from monitoring import frame
from monitoring.consumers import Hub
from monitoring.live.topics import Topic
from tests.support.jobs import request
from tests.support.partitions import said_id
from tests.support.server import TestServer

SAID = "Partition 1 of the store is away: lists and figures are without its jobs."
PAGES = (
    "/",
    "/jobs/",
    "/jobs/?status=pending",
    f"/jobs/{said_id(0, 7)}/",
    "/dead-letters/",
    "/dead-letters/jobs/",
    "/queues/",
    "/queues/queue-0/",
    "/workers/",
)


@pytest.fixture
def told(
    mortal_server: TestServer, api_config: Config, store_url: str, use: Callable[[Config], None], db: None
) -> Config:
    """Give an installation of two servers, with a job each, of which that of partition 1 may go."""
    told = replace(api_config, redis_url=None, partitions=Partitions(2, (store_url, mortal_server.url)))
    use(told)
    store = Store.open(told)
    store.producer.enqueue([request(said_id(at, 7), queue=f"queue-{at}") for at in (0, 1)])
    store.close()
    return told


def test_pages_show_the_rest_and_say_so(told: Config, mortal_server: TestServer, person: Callable[..., Client]) -> None:
    client = person()
    assert SAID not in client.get("/jobs/").content.decode()
    mortal_server.kill()
    for path in PAGES:
        frame.keep(frame.UNKNOWN, seconds=0)
        page = client.get(path)
        html = page.content.decode()
        assert (path, page.status_code, SAID in html) == (path, 200, True)
        assert "partition 1 is away, its jobs wait" in html.lower()
        assert "refused.." not in html
    assert "; the breaker store:1 is " in html  # after so many pages it has opened
    html = client.get("/jobs/").content.decode()
    assert (said_id(0, 7) in html, said_id(1, 7) in html) == (True, False)
    assert "queue-0" in client.get("/queues/").content.decode()


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")
def test_a_file_is_whole_or_none(told: Config, mortal_server: TestServer, person: Callable[..., Client]) -> None:
    client = person()
    assert said_id(1, 7).encode() in b"".join(client.get("/exports/jobs.csv"))
    mortal_server.kill()
    assert client.get("/exports/jobs.csv").status_code == 503


def test_live_views_go_on_with_the_rest(told: Config, mortal_server: TestServer) -> None:
    async def looked() -> str:
        found = await Hub(told)._look([Topic.STATUS, Topic.QUEUES, Topic.JOBS])
        return "".join(str(each) for each in found.values())

    assert said_id(1, 7) in asyncio.run(looked())
    mortal_server.kill()
    seen = asyncio.run(looked())
    assert (said_id(0, 7) in seen, said_id(1, 7) in seen) == (True, False)
    assert "partition 1 is away" in seen.lower()
