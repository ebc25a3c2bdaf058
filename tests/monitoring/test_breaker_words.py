"""The breaker before the store is in the headline and on the overview, with what opened it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

import pytest
from django.test import Client

from jobs.api.gateway import get_gateway
from jobs.conf import Config
from jobs.errors import StoreError, StoreMisconfigured, StoreUnavailable
from jobs.store.registry import WorkerInfo
from monitoring import breaker_words, frame
from monitoring.broadcaster import Broadcaster
from monitoring.live.frames import Told
from monitoring.live.topics import Topic
from tests.support.jobs import StoreKit
from tests.support.server import TestServer

CLOSED = "The store cannot answer (connection)"
OPEN = "The store cannot answer (connection); its circuit breaker is open"


@pytest.fixture
def gone(api_config: Config, use: Callable[[Config], None], gone_url: str) -> None:
    """Have no store, and a breaker that opens with the third failure and stays open."""
    use(replace(api_config, redis_url=gone_url, breaker_failures=3, breaker_open_seconds=30))


def test_a_wrong_password_is_said_over_every_page_and_on_the_overview(
    api_config: Config, use: Callable[[Config], None], person: Callable[..., Client]
) -> None:
    with TestServer(password="right") as server:
        use(replace(api_config, redis_url=server.url.replace("right", "wrong")))
        client = person()
        pages = {path: client.get(path) for path in ("/", "/queues/")}
    for path, page in pages.items():
        html = page.content.decode()
        assert (path, page.status_code) == (path, 503)
        assert "The store cannot answer (wrong password); its circuit breaker is open." in html
        card = html.split("The store is away</h2>")[1].split("</p>")[0]
        assert ("Its circuit breaker is open" in card, card.count("(wrong password)")) == (True, 1)
        assert "127.0.0.1" not in html


def test_the_headline_says_that_the_breaker_has_opened(gone: None, person: Callable[..., Client]) -> None:
    client = person()
    first = client.get("/").content.decode()
    assert (f"{CLOSED}." in first, "circuit breaker" in first) == (True, False)
    for _ in range(3):
        last = client.get("/").content.decode()
    assert f"{OPEN}." in last
    assert breaker_words.of_breakers() == "the breaker store is open (connection)"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (StoreUnavailable("no", "timeout"), "The store cannot answer (timeout)"),
        (StoreMisconfigured("no", "no_auth"), "The store cannot answer (no auth)"),
        (StoreUnavailable("no", "breaker_open"), "The store cannot answer"),
        (None, "The store cannot answer"),
    ],
)
def test_why_nobody_answers_is_the_kind_of_the_failure(api: object, error: StoreError | None, words: str) -> None:
    assert breaker_words.why_away(error) == words
    assert breaker_words.also_open("") == ""


def test_live_views_hear_that_the_breaker_has_opened(gone: None) -> None:
    heard: list[str] = []

    class Viewer:
        topics = frozenset({Topic.STATUS})
        rate_seconds = 0.0

        def offer(self, topic: Topic, text: str) -> None:
            if topic is Topic.STATUS:
                heard.append(text)

    async def look(topics: Collection[Topic]) -> Mapping[Topic, Told]:
        await get_gateway().run(lambda store: store.reader.now_ms())
        return {}

    async def listen() -> None:
        broadcaster, viewer = Broadcaster(look), Viewer()
        broadcaster.join(viewer)
        task = broadcaster._task
        assert task is not None
        async with asyncio.timeout(20):
            while not any(OPEN in text for text in heard):
                await asyncio.wait([task], timeout=0.05)
        broadcaster.leave(viewer)
        await task

    asyncio.run(listen())
    assert f'"{CLOSED}."' in heard[0]
    assert len(heard) == 2  # once for each thing to say, not with each look


def test_a_type_says_what_its_jobs_wait_for(api: object, kit: StoreKit, person: Callable[..., Client]) -> None:
    worker = WorkerInfo(
        id="w-1", incarnation="1" * 16, pool="default", host="box", pid=1, queues=("default",),
        types=("charge-card", "mail"), concurrency=5,
        waiting=(("charge-card", "default", "stripe"), ("charge-card", "default", "<bank>")),
    )  # fmt: skip
    kit.store.registry.heartbeat(worker)
    html = person().get("/queues/").content.decode()
    waiting, served = (html.split(f'data-key="{name}"')[1].split("</tr>")[0] for name in ("charge-card", "mail"))
    assert '<span class="tag is-warn">waiting for &lt;bank&gt;, stripe</span>' in waiting
    assert ("waiting for" in served, "served" in served) == (False, True)


def test_a_frame_is_not_kept_while_the_store_is_away(gone: None) -> None:
    told = asyncio.run(frame.fresh_frame())
    assert (told.health, told.sentence) == ("unhealthy", f"{CLOSED}.")
