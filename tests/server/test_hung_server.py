"""An embedded server that hangs: those who look for it wait together, briefly, and find it again by themselves."""

import asyncio
import os
import signal
import time
from dataclasses import replace

import pytest

from jobs.api.gateway import Gateway, Lane
from jobs.errors import StoreUnavailable
from jobs.server.discovery import find_server
from jobs.server.embedded import EmbeddedServer
from tests.server.test_adoption import holder
from tests.support.polling import wait_until

TOGETHER = 20


@pytest.fixture
def gateway(var_dir, config):
    """Give a web process's gateway to the embedded server of a checkout."""
    made = Gateway(replace(config, redis_url=None, var_dir=var_dir))
    yield made
    made.close()


async def crowd(gateway):
    """Ask at once, on every lane, and return how long the last one waited."""

    async def ask(lane):
        started = time.monotonic()
        with pytest.raises(StoreUnavailable):
            await gateway.run(lambda store: store.browser.ping(), lane)
        return time.monotonic() - started

    return max(await asyncio.gather(*(ask(lane) for lane in Lane for _ in range(TOGETHER))))


def test_many_who_ask_a_hung_server_are_refused_in_time_again_and_again(var_dir, gateway):
    with EmbeddedServer(var_dir):
        asyncio.run(gateway.run(lambda store: store.browser.ping()))
        pid = holder(var_dir)
        os.kill(pid, signal.SIGSTOP)
        try:
            for _ in range(3):
                assert asyncio.run(crowd(gateway)) < 2.0
        finally:
            os.kill(pid, signal.SIGCONT)
        wait_until(lambda: answers(gateway))


def test_who_looks_for_a_hung_server_says_how_long(var_dir):
    with EmbeddedServer(var_dir) as server:
        pid = holder(var_dir)
        os.kill(pid, signal.SIGSTOP)
        try:
            started = time.monotonic()
            assert find_server(var_dir, 0.1) is None
            assert time.monotonic() - started < 1.0
        finally:
            os.kill(pid, signal.SIGCONT)
        assert find_server(var_dir) == server.url


def answers(gateway):
    try:
        asyncio.run(gateway.run(lambda store: store.browser.ping()))
    except StoreUnavailable:
        return False
    return True
