"""What web processes tell each other goes over the store's server: one, a cluster's node, or the first of several."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import redis

from jobs.conf import Config
from jobs.partitioning import Partitions
from monitoring.live.revocation import GROUP, News, open_layer
from tests.support.cluster import ServerCluster
from tests.support.sentinels import Watched
from tests.support.server import TestServer

NEWS = {"type": "live.revocation", "person": "user:7"}
Prepare = Callable[[Config], Config]


@pytest.fixture
def two_servers(redis_server: TestServer) -> Prepare:
    """Give an installation whose second server is away."""
    away = "redis://127.0.0.1:1/0"
    return lambda config: replace(config, partitions=Partitions(2, (redis_server.url, away)))


@pytest.fixture
def cluster() -> Iterator[Prepare]:
    """Give one on a cluster."""
    with ServerCluster(replicas=0) as made:
        yield lambda config: made.config(config, 3)


@pytest.fixture
def sentinels() -> Iterator[Prepare]:
    """Give one on a primary that is watched."""
    with Watched() as made:
        yield made.config


@pytest.mark.parametrize("where", ["two_servers", "cluster", "sentinels"])
def test_one_process_hears_another(request: pytest.FixtureRequest, config: Config, where: str) -> None:
    prepare: Prepare = request.getfixturevalue(where)
    assert asyncio.run(heard(prepare(config))) == NEWS


def test_the_layer_finds_the_new_primary_of_a_cluster(config: Config) -> None:
    with ServerCluster() as made:
        assert asyncio.run(heard(made.config(config), lambda: made.lose("{queueflow:0}:"))) == NEWS


async def heard(config: Config, between: Callable[[], object] | None = None) -> News:
    """What one layer hears that another was given; it is given until it is heard, after `between`."""
    ears, mouth = open_layer(config), open_layer(config)
    assert ears is not None
    assert mouth is not None
    try:
        channel = await ears.new_channel()
        await ears.group_add(GROUP, channel)
        if between is not None:
            await asyncio.to_thread(between)
        hearing = asyncio.create_task(ears.receive(channel))
        for _ in range(100):
            await told(mouth)
            done, _ = await asyncio.wait({hearing}, timeout=0.2)
            if done:
                break
        return dict(await asyncio.wait_for(hearing, 1))
    finally:
        await ears.flush()
        await mouth.flush()


async def told(mouth: object) -> None:
    """Tell it; what cannot be told is told again later."""
    try:
        await mouth.group_send(GROUP, NEWS)  # type: ignore[attr-defined]
    except (OSError, redis.RedisError):
        return
