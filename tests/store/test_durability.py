"""What is said of a server that may drop jobs: by evicting them, or for want of a disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from jobs.inspection.status import store_part
from jobs.store.durability import Durability, durability
from tests.support.jobs import StoreKit

NO_FILE = (
    "the server keeps no append-only file: a crash of it loses the jobs since its last snapshot, or all of them where "
    "it takes none"
)
NOTHING_ON_DISK = "the server keeps nothing on disk: a restart of it loses all jobs; set appendonly to yes"


@pytest.fixture
def configured(kit: StoreKit) -> Iterator[StoreKit]:
    """Give a kit whose server has its settings back after the test."""
    _, saves = kit.client.call("CONFIG", "GET", "save")
    kit.client.pipeline([("CONFIG", "SET", "save", ""), ("CONFIG", "SET", "appendonly", "no")])
    yield kit
    kit.client.pipeline([
        ("CONFIG", "SET", "maxmemory", 0), ("CONFIG", "SET", "maxmemory-policy", "noeviction"),
        ("CONFIG", "SET", "save", saves), ("CONFIG", "SET", "appendonly", "no"),
    ])  # fmt: skip


def test_a_server_without_a_disk_is_said_to_lose_everything_at_a_restart(configured: StoreKit) -> None:
    assert durability(configured.client).warnings == [NOTHING_ON_DISK]
    assert (store_part(configured.store).status, store_part(configured.store).detail) == ("degraded", NOTHING_ON_DISK)


def test_snapshots_alone_are_said_to_lose_the_last_jobs(configured: StoreKit) -> None:
    configured.client.call("CONFIG", "SET", "save", "3600 1")
    assert durability(configured.client).warnings == [
        "the server writes snapshots only: a crash of it loses the jobs since the last one"
    ]
    assert store_part(configured.store).status == "healthy"


def test_an_append_only_file_needs_no_words(configured: StoreKit) -> None:
    configured.client.call("CONFIG", "SET", "appendonly", "yes")
    assert durability(configured.client) == Durability(policy="", appends=True, snapshots=False)
    assert (store_part(configured.store).status, store_part(configured.store).detail) == ("healthy", "")


def test_a_limit_of_memory_matters_with_a_policy_that_evicts_and_not_without(configured: StoreKit) -> None:
    client = configured.client
    client.pipeline([("CONFIG", "SET", "appendonly", "yes"), ("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")])
    assert durability(client).warnings == []
    client.call("CONFIG", "SET", "maxmemory", 1 << 30)
    part = store_part(configured.store)
    assert (part.status, part.detail) == (
        "degraded",
        (
            "the server drops keys when its memory is full (maxmemory-policy allkeys-lru), jobs among them: "
            "set it to noeviction"
        ),
    )
    client.call("CONFIG", "SET", "maxmemory-policy", "noeviction")
    assert (durability(client).policy, durability(client).warnings) == ("noeviction", [])


@contextmanager
def restricted(kit: StoreKit, *rights: str) -> Iterator[None]:
    """Be a user who may do all but what is named."""
    kit.client.call("ACL", "SETUSER", "queueflow", "on", "nopass", "~*", "&*", "+@all", *rights)
    kit.client.call("AUTH", "queueflow", "any")
    try:
        yield
    finally:
        kit.client.close()
        kit.client.call("ACL", "DELUSER", "queueflow")


def test_where_config_is_forbidden_info_says_most(configured: StoreKit) -> None:
    kit = configured
    with restricted(kit, "-config"):
        assert durability(kit.client) == Durability(policy="", appends=False, snapshots=None)
        assert durability(kit.client).warnings == [NO_FILE]
        assert store_part(kit.store).status == "healthy"
    kit.client.call("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    kit.client.call("CONFIG", "SET", "maxmemory", 1 << 30)
    kit.client.call("CONFIG", "SET", "appendonly", "yes")
    with restricted(kit, "-config"):
        assert durability(kit.client) == Durability(policy="allkeys-lru", appends=True, snapshots=None)
        assert store_part(kit.store).status == "degraded"


def test_of_a_server_that_may_not_be_asked_for_anything_nothing_is_said(kit: StoreKit) -> None:
    with restricted(kit, "-config", "-info"):
        assert (durability(kit.client), durability(kit.client).warnings) == (Durability(), [])
        assert store_part(kit.store).status == "healthy"
