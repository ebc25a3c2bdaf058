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
from jobs.errors import StoreMisconfigured, StoreUnavailable
from jobs.store.store import Store
from monitoring.live.revocation import open_layer
from tests.store.cases import CASES
from tests.store.stage import Stage
from tests.support.cluster import ServerCluster
from tests.support.jobs import StoreKit
from tests.support.server import TestServer
from tests.support.tls import certificate, tls_program, tls_settings

# As docs/reliability.md says.
RIGHTS = (
    "~queueflow:* ~{queueflow:* &queueflow:* &{queueflow:* +@all -@admin -@dangerous +info +cluster|slots +cluster|info"
)


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
    with pytest.raises(StoreUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
        Store.open(replace(secured, redis_url=trusting_others)).client.call("PING")


def test_a_cluster_is_asked_by_tls_as_well(folder: Path, config: Config) -> None:
    spoken = tls_settings(folder) | {"tls-cluster": "yes"}
    with ServerCluster(1, 0, settings=spoken, program=tls_program()) as cluster:
        admit(cluster.servers[0])
        url = f"rediss://queueflow:secret@cluster?ssl_ca_certs={certificate(folder)}"
        nodes = f"127.0.0.1:{spoken['tls-port']}"
        told = load({"REDIS_URL": url, "REDIS_CLUSTER_NODES": nodes, "QUEUEFLOW_PARTITIONS": "2"})
        store = Store.open(told)
        for part in store.parts:
            StoreKit("", config, part).enqueue_many(3)
        assert store.reader.state_counts()["pending"] == 6
        assert asyncio.run(told_itself(told)) == {"type": "news"}
        store.close()


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
