"""Servers behind TLS and an ACL user: one, and a cluster's node."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from jobs.auditor import Auditor
from jobs.conf import Config, load
from jobs.errors import StoreError, StoreMisconfigured, StoreUnavailable
from jobs.inspection.status import store_part
from jobs.server.address import free_port
from jobs.store.durability import Durability, durability
from jobs.store.store import Store
from monitoring.live.revocation import open_layer
from tests.store.cases import CASES
from tests.store.stage import Stage
from tests.support.cluster import ServerCluster
from tests.support.jobs import StoreKit
from tests.support.polling import wait_until
from tests.support.sentinels import SERVICE, run_sentinel, watching
from tests.support.server import TestServer
from tests.support.tls import certificate, tls_program, tls_settings

# As docs/reliability.md says.
RIGHTS = (
    "~queueflow:* ~{queueflow:* &queueflow:* &{queueflow:* +@all -@admin -@dangerous +info +cluster|slots +cluster|info"
)

SENTINEL_RIGHTS = "+sentinel|masters"
NO_TLS = {f"REDIS_SENTINEL_SSL{name}": "" for name in ("", "_CA_CERTS", "_CERTFILE", "_KEYFILE")}


def admit(server: TestServer) -> None:
    """Let the user in that the documentation names, and nobody else."""
    with server.client() as client:
        client.execute_command("ACL", "SETUSER", "queueflow", "reset", "on", ">secret", *RIGHTS.split())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder for a certificate."""
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[TestServer]:
    """Give a server that speaks TLS and knows the user."""
    with TestServer(settings=tls_settings(folder), program=tls_program()) as made:
        admit(made)
        yield made


@pytest.fixture
def secured(server: TestServer, folder: Path, config: Config) -> Config:
    """Give the configuration of an installation there, which is empty."""
    server.flush()
    port = server.settings["tls-port"]
    url = f"rediss://queueflow:secret@127.0.0.1:{port}/0?ssl_ca_certs={certificate(folder)}"
    return replace(load({"REDIS_URL": url}), var_dir=config.var_dir)


def test_the_documentation_names_these_rights() -> None:
    text = (settings.BASE_DIR / "docs/reliability.md").read_text()
    assert f"ACL SETUSER queueflow on >secret {RIGHTS}\n" in text
    assert f"such a user needs `{SENTINEL_RIGHTS}` and no more" in text


@pytest.mark.parametrize("name", CASES)
def test_every_script_may_be_run_by_a_user_with_the_rights_that_are_named(secured: Config, name: str) -> None:
    with_user = StoreKit("", secured, Store.open(secured))
    stage = Stage(with_user)
    CASES[name].prepare(stage)
    CASES[name].call(stage)
    if name != "quarantine":
        assert Auditor(with_user.store).run().findings == []
    with_user.close()


def test_a_password_apart_serves_too_and_a_wrong_one_is_told(secured: Config) -> None:
    url = str(secured.redis_url)
    apart = Store.open(replace(secured, redis_url=url.replace(":secret@", "@"), redis_password="secret"))
    assert apart.client.call("ACL", "WHOAMI") == b"queueflow"
    with pytest.raises(StoreMisconfigured):
        Store.open(replace(secured, redis_url=url.replace("secret", "wrong"))).client.call("PING")


def test_who_cannot_show_its_certificate_is_not_trusted(secured: Config) -> None:
    trusting_others = str(secured.redis_url).partition("?")[0]
    with pytest.raises(StoreMisconfigured, match="CERTIFICATE_VERIFY_FAILED") as caught:
        Store.open(replace(secured, redis_url=trusting_others)).client.call("PING")
    assert (caught.value.kind, caught.value.say_every) == ("untrusted", 300)


def test_that_user_is_warned_of_a_server_that_may_lose_jobs(server: TestServer, secured: Config) -> None:
    store = Store.open(secured)
    with pytest.raises(StoreMisconfigured):
        store.client.call("CONFIG", "GET", "appendonly")
    assert durability(store.client) == Durability(policy="", appends=False, snapshots=None)
    with server.client() as admin:
        admin.config_set("appendonly", "yes")
        admin.config_set("maxmemory-policy", "allkeys-lru")
        admin.config_set("maxmemory", 1 << 30)
        try:
            part = store_part(store)
        finally:
            admin.config_set("maxmemory", 0)
            admin.config_set("appendonly", "no")
    assert (part.status, "drops keys when its memory is full (maxmemory-policy allkeys-lru)" in part.detail) == (
        "degraded",
        True,
    )
    store.close()


def test_a_cluster_is_asked_by_tls_as_well(tmp_path: Path, config: Config) -> None:
    spoken = tls_settings(tmp_path) | {"tls-cluster": "yes"}
    with ServerCluster(1, 0, settings=spoken, program=tls_program()) as cluster:
        admit(cluster.servers[0])
        url = f"rediss://queueflow:secret@cluster?ssl_ca_certs={certificate(tmp_path)}"
        nodes = f"127.0.0.1:{spoken['tls-port']}"
        told = load({"REDIS_URL": url, "REDIS_CLUSTER_NODES": nodes, "QUEUEFLOW_PARTITIONS": "2"})
        store = Store.open(told)
        for part in store.parts:
            StoreKit("", config, part).enqueue_many(3)
        assert store.reader.state_counts()["pending"] == 6
        assert asyncio.run(told_itself(told)) == {"type": "news"}
        store.close()


@pytest.fixture(scope="module")
def sentinel(server: TestServer, folder: Path) -> Iterator[dict[str, str]]:
    """Give what leads to a sentinel that speaks TLS alone, wants to see a certificate, and knows one user."""
    spoken = {name: value for name, value in server.settings.items() if name.startswith("tls-")}
    spoken |= {"port": "0", "tls-port": str(free_port()), "tls-auth-clients": "yes", "tls-replication": "yes"}
    users = "user default off", f"user queueflow on >hush {SENTINEL_RIGHTS}"
    lines = [f"{name} {value}" for name, value in spoken.items()]
    process = run_sentinel(
        folder, (*lines, *users, *watching(int(str(server.settings["tls-port"])), quorum=1)), tls_program()
    )
    yield {
        "REDIS_SENTINELS": f"127.0.0.1:{spoken['tls-port']}",
        "REDIS_SENTINEL_NAME": SERVICE,
        "REDIS_SENTINEL_USERNAME": "queueflow",
        "REDIS_SENTINEL_PASSWORD": "hush",
        "REDIS_SENTINEL_SSL": "true",
        "REDIS_SENTINEL_SSL_CA_CERTS": str(certificate(folder)),
        "REDIS_SENTINEL_SSL_CERTFILE": str(certificate(folder)),
        "REDIS_SENTINEL_SSL_KEYFILE": str(folder / "key.pem"),
    }
    process.kill()
    process.wait(30)


def asked(told: dict[str, str], **more: str) -> bytes:
    """Whom the primary takes us for that a sentinel names."""
    store = Store.open(load(told | more))
    try:
        found: bytes = store.client.call("ACL", "WHOAMI")
    finally:
        store.close()
    return found


def test_a_sentinel_is_asked_by_tls_as_its_own_user(secured: Config, sentinel: dict[str, str]) -> None:
    told = sentinel | {"REDIS_URL": str(secured.redis_url)}
    wait_until(lambda: taken(told))
    assert asked(told) == b"queueflow"
    assert asyncio.run(told_itself(load(told))) == {"type": "news"}
    name = f"sentinel {told['REDIS_SENTINELS']}: "
    for wrong in ({"REDIS_SENTINEL_PASSWORD": "secret"}, {"REDIS_SENTINEL_USERNAME": ""}):
        with pytest.raises(StoreMisconfigured, match=name) as caught:
            asked(told, **wrong)
        assert caught.value.kind == "wrong_password"
    with pytest.raises(StoreMisconfigured, match=name) as caught:
        asked(told, REDIS_SENTINEL_USERNAME="", REDIS_SENTINEL_PASSWORD="")
    assert caught.value.kind == "no_auth"
    with pytest.raises(StoreMisconfigured, match="CERTIFICATE_VERIFY_FAILED") as caught:
        asked(told, REDIS_SENTINEL_SSL_CA_CERTS="")
    assert caught.value.kind == "untrusted"
    for unseen in ({"REDIS_SENTINEL_SSL_CERTFILE": "", "REDIS_SENTINEL_SSL_KEYFILE": ""}, NO_TLS):
        with pytest.raises(StoreError, match="no sentinel knows a primary"):  # whether it says why is a matter of luck
            asked(told, **unseen)


def taken(told: dict[str, str]) -> bool:
    """Whether the sentinel is there."""
    try:
        return bool(asked(told))
    except StoreUnavailable:
        return False


async def told_itself(config: Config) -> dict[str, str]:
    """What the channel layer brings of what is sent by it."""
    layer = open_layer(config)
    assert layer is not None
    try:
        channel = await layer.new_channel()
        await layer.send(channel, {"type": "news"})
        return dict(await asyncio.wait_for(layer.receive(channel), 5))
    finally:
        await layer.flush()
