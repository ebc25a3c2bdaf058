"""Whether a fault happened: a scenario that cannot say so has shown nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import redis

from tests.support.polling import wait_until
from tests.support.server import TestServer


class NotInjected(AssertionError):
    """What was to be broken was not."""


class Missing(RuntimeError):
    """This machine has not what a fault needs; the text says what that is."""


def sure(happened: object, words: str) -> None:
    """Raises NotInjected with the words unless it did."""
    if not happened:
        raise NotInjected(words)


@contextmanager
def says(server: TestServer, error: str) -> Iterator[None]:
    """Raises NotInjected where the server, which runs all the while, has answered nobody with this error meanwhile."""
    with server.client() as client:
        before = _said(client, error)
        yield
        sure(_said(client, error) > before, f"the server never answered {error}")


@contextmanager
def turns_away(server: TestServer) -> Iterator[None]:
    """Raises NotInjected where the server, which runs all the while, has taken every connection meanwhile."""
    with server.client() as client:
        before = client.info("stats")["rejected_connections"]
        yield
        sure(client.info("stats")["rejected_connections"] > before, "the server turned no connection away")


def is_silent(url: str) -> bool:
    """Whether a server takes half a second for an answer, or longer."""
    with redis.Redis.from_url(url, socket_timeout=0.5, retry=None) as client:
        try:
            client.ping()
        except redis.TimeoutError:
            return True
    return False


def await_loading(server: TestServer) -> None:
    """Return when it answers that it loads. Raises AssertionError where it never does."""

    def loads() -> bool:
        try:
            with server.client(socket_timeout=5) as client:
                client.get("nothing")
        except redis.BusyLoadingError:
            return True
        except redis.ConnectionError:  # it does not listen yet
            return False
        raise NotInjected("the server never answered LOADING")

    wait_until(loads, 20)


def _said(client: redis.Redis, error: str) -> int:
    told: dict[str, Any] = client.info("errorstats")
    return int(told.get(f"errorstat_{error}", {}).get("count", 0))
