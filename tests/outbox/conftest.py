"""A server that goes away and comes back, and an outbox in a database that commits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from jobs import QueueManager
from jobs.conf import Config
from jobs.outbox import Forwarder
from jobs.outbox.scribe import scribe
from jobs.store.store import Store
from tests.support.server import TestServer


class Away:
    """A server of the test's own, an installation on it with the outbox on, and its forwarders."""

    def __init__(self, server: TestServer, config: Config) -> None:
        self.server = server
        self.config = config
        self.store = Store.open(config, timeout=0.4)
        self.seen = Store.open(config)  # to look at what is there: no breaker of it has seen trouble
        self.manager = QueueManager(self.store)
        self.told: list[str] = []

    def forwarder(self, holder: str = "tester", **options: Any) -> Forwarder:
        """A forwarder, not started."""
        open_store = partial(Store.open, self.config, timeout=2.0, most=1)
        return Forwarder(open_store, holder, lambda request, answer: self.told.append(answer.id), **options)

    @contextmanager
    def forwarding(self, holder: str = "tester", **options: Any) -> Iterator[Forwarder]:
        """A forwarder that works until the block ends."""
        forwarder = self.forwarder(holder, **options)
        forwarder.start()
        try:
            yield forwarder
        finally:
            forwarder.stop()
            assert forwarder.join(5)


@pytest.fixture
def committed(transactional_db: None) -> Iterator[None]:
    """Let the test commit; what the scribe still has to write belongs to it."""
    yield
    scribe.close()


@pytest.fixture
def server() -> Iterator[TestServer]:
    """A durable server of the test's own, to be killed and frozen."""
    with TestServer(durable=True) as made:
        yield made


@pytest.fixture
def away(server: TestServer, config: Config, committed: None, configure: Callable[[Config], None]) -> Iterator[Away]:
    """Give an installation whose outbox is on; any type is taken."""
    told = replace(config, redis_url=server.url, outbox=True, accept_unknown_types=True)
    configure(told)
    made = Away(server, told)
    yield made
    made.store.close()
    made.seen.close()
