"""The threads between web requests and the store."""

from __future__ import annotations

import asyncio
import threading

import pytest

from jobs.api.gateway import Gateway, Lane
from jobs.errors import StoreUnavailable


def test_enqueues_do_not_wait_behind_what_people_look_at(api_config):
    gateway = Gateway(api_config, threads=1, waiting=0, crowd=0)
    go_on, started = threading.Event(), threading.Event()

    def look(store):
        started.set()
        assert go_on.wait(10)

    async def attack():
        looking = asyncio.ensure_future(gateway.run(look))
        await asyncio.to_thread(started.wait, 10)
        with pytest.raises(StoreUnavailable, match="too many requests"):
            await gateway.run(lambda store: None)
        assert await gateway.run(lambda store: "made", Lane.ENQUEUE) == "made"
        go_on.set()
        await looking

    asyncio.run(attack())
    gateway.close()


def test_a_burst_of_enqueues_in_one_instant_is_taken(api_config):
    gateway = Gateway(api_config)

    async def burst():
        return await asyncio.gather(
            *(gateway.run(lambda store: store.browser.ping(), Lane.ENQUEUE) for _ in range(500))
        )

    assert len(asyncio.run(burst())) == 500
    gateway.close()
