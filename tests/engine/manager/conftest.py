"""A manager with two handlers on a real store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from jobs import QueueManager
from jobs.conf import Config
from jobs.handlers import Registry, handler
from tests.support.jobs import StoreKit, store_kit


class Order(msgspec.Struct):
    number: int


@pytest.fixture
def known() -> Registry:
    registry = Registry()

    @handler("echo", registry=registry)
    def echo(payload: Any) -> None: ...

    @handler("order", queue="orders", priority="high", max_retries=1, timeout=5, backoff={"base": 2}, registry=registry)
    def order(payload: Order) -> None: ...

    return registry


@pytest.fixture
def kit(store_url: str, config: Config) -> Iterator[StoreKit]:
    with store_kit(store_url, config) as made:
        yield made


@pytest.fixture
def manager(kit: StoreKit, known: Registry) -> QueueManager:
    return QueueManager(kit.store, registry=known)
