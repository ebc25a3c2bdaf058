"""The API server of Kubernetes as it is asked: never for long, and left alone when it is in trouble."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from scaling.actuators import server as servers
from scaling.actuators.actuator import Bar
from scaling.actuators.choice import Choice
from scaling.actuators.cluster import Cluster
from scaling.actuators.kubernetes import Kubernetes
from scaling.actuators.server import ClusterError, Server
from scaling.models import ScalingPolicy

from .api_server import DEPLOYMENT, TOKEN, ApiServer

NOW = 1_772_352_000.0  # 2026-03-01T08:00:00Z
CREDENTIAL = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": TOKEN}}


def test_a_server_that_is_away_is_left_alone_for_a_while_in_every_namespace(server: ApiServer):
    shared = Server()
    server.close()
    first = Kubernetes("worker", 1, Cluster("shop", shared)).bar(NOW)
    assert first == Bar("Kubernetes does not answer (list custom object). Nothing is carried out.", is_trouble=True)
    assert shared.rests
    assert Kubernetes("other", 1, Cluster("another", shared)).bar(NOW) == first


def test_questions_together_take_no_longer_than_they_may(server, monkeypatch):
    monkeypatch.setattr(servers, "BUDGET", 0.0)
    shared = Server()
    shared._apis = {"custom": None}
    bar = Kubernetes("worker", 2, Cluster("shop", shared)).bar(NOW)
    assert bar == Bar(
        "Kubernetes is too slow (list custom object comes later). Nothing is carried out.", is_trouble=True
    )
    assert (server.asked, shared.rests) == ([], True)


def test_a_body_that_does_not_end_is_not_waited_for(server, monkeypatch):
    monkeypatch.setattr(servers, "PATIENCE", 0.2)
    server.held = {DEPLOYMENT}
    shared = Server()
    with pytest.raises(ClusterError, match=r"does not answer \(read deployment worker\)"):
        Cluster("shop", shared).deployment("worker")
    assert shared.rests


def test_no_more_is_asked_while_too_many_questions_have_no_end(server, monkeypatch):
    monkeypatch.setattr(servers, "MOST_LOST", 0)
    with pytest.raises(ClusterError, match="asked no more: 0 questions have no end"):
        Cluster("shop").deployment("worker")


def test_the_namespace_is_that_of_the_context(server):
    assert Cluster().deployment("worker").spec.replicas == 1


def test_credentials_of_a_plugin_may_come_later_and_keep_nobody_waiting(server, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(servers, "LOADING", 0.2)
    pipe = tmp_path / "credential"
    os.mkfifo(pipe)
    server.know({"exec": {"apiVersion": CREDENTIAL["apiVersion"], "command": "cat", "args": [str(pipe)]}})
    shared = Server()
    for _ in range(2):
        with pytest.raises(ClusterError, match="The credentials for Kubernetes are not there yet, after 0 s"):
            Cluster("shop", shared).deployment("worker")
    (thread,) = shared._errands._late
    pipe.write_text(json.dumps(CREDENTIAL))
    thread.join(10)
    assert Cluster("shop", shared).deployment("worker").spec.replicas == 1


def test_credentials_that_are_not_known_any_more_are_looked_for_again(server, monkeypatch):
    monkeypatch.setattr(servers, "CREDENTIALS_EVERY", 0.0)
    server.know({"token": "old"})
    cluster = Cluster("shop")
    with pytest.raises(ClusterError, match="does not know the scaler's token"):
        cluster.deployment("worker")
    server.know({"token": TOKEN})
    assert cluster.deployment("worker").spec.replicas == 1


def test_a_plugin_that_failed_at_first_is_asked_again(server, tmp_path, monkeypatch):
    monkeypatch.setattr(servers, "CREDENTIALS_EVERY", 0.0)
    credential = tmp_path / "credential"
    server.know({"exec": {"apiVersion": CREDENTIAL["apiVersion"], "command": "cat", "args": [str(credential)]}})
    server.answers[DEPLOYMENT] = 403  # what nobody in particular gets
    cluster = Cluster("shop")
    with pytest.raises(ClusterError):
        cluster.deployment("worker")
    credential.write_text(json.dumps(CREDENTIAL))
    del server.answers[DEPLOYMENT]
    assert cluster.deployment("worker").spec.replicas == 1


def test_a_client_that_is_not_installed_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "kubernetes", None)
    with pytest.raises(ClusterError, match=r"pip install '\.\[kubernetes\]'"):
        Cluster("shop").deployment("worker")


def test_pools_that_may_let_others_wait_come_last_and_in_turn(server):
    choice = Choice()
    local, first, second, dry = (
        ScalingPolicy(pool=name, actuator=actuator, namespace="shop", dry_run=name == "dry")
        for name, actuator in (("a", "local"), ("b", "kubernetes"), ("c", "kubernetes"), ("dry", "kubernetes"))
    )
    choice.of(first).bar(NOW)
    ordered = sorted([first, second, local, dry], key=choice.turn)
    assert [policy.pool for policy in ordered] == ["a", "dry", "c", "b"]
