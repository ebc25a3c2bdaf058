"""`manage.py handlers` and `manage.py enqueue`."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from jobs.conf import Config
from jobs.handlers import handler, registry
from jobs.states import State
from jobs.store import store
from jobs.types import Priority
from tests.support.jobs import StoreKit, store_kit


@pytest.fixture
def types() -> Iterator[None]:
    @handler("command-echo", queue="mail", timeout=2, max_retries=1)
    def echo(payload: dict[str, Any]) -> None: ...

    @handler("command-wait", priority="low")
    async def wait(payload): ...

    yield
    registry.remove("command-echo")
    registry.remove("command-wait")


@pytest.fixture
def kit(
    store_url: str, config: Config, configure: Any, types: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[StoreKit]:
    with store_kit(store_url, config) as made:
        configure(made.store.config)
        monkeypatch.setattr(store, "_process_store", (os.getpid(), made.store))
        yield made


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_handlers_are_listed_with_their_settings(types):
    rows = {line.split()[0]: line.split() for line in run("handlers").splitlines()}
    path = f"{__name__}.types.<locals>"
    assert rows["TYPE"][:5] == ["TYPE", "QUEUE", "PRIORITY", "TIMEOUT", "RETRIES"]
    assert rows["command-echo"] == f"command-echo mail normal 2s 1 sync dict[str, Any] {path}.echo".split()
    assert rows["command-wait"] == f"command-wait default low 30s 3 async any {path}.wait".split()


def test_handlers_are_listed_as_json(types):
    [row] = [row for row in json.loads(run("handlers", "--json")) if row["type"] == "command-echo"]
    assert (row["queue"], row["timeout"], row["maxRetries"], row["payload"]) == ("mail", 2000, 1, "dict[str, Any]")


def test_a_module_of_handlers_that_cannot_be_loaded_is_one_sentence(configure):
    configure(replace(Config(), handler_modules=("nowhere_at_all",)))
    with pytest.raises(CommandError, match="handlers cannot be loaded from nowhere_at_all: ModuleNotFoundError"):
        run("handlers")


def test_a_job_is_enqueued_and_its_id_printed(kit):
    job_id = run("enqueue", "command-echo", '{"a": 1.0}').strip()
    [envelope] = kit.reader.envelopes([job_id])
    assert envelope is not None
    assert envelope.payload == b'{"a": 1.0}'
    assert (kit.record(job_id).queue, kit.state(job_id)) == ("mail", State.PENDING)


def test_options_of_the_command_are_those_of_an_enqueue(kit):
    arguments = (
        "--queue q --priority high --delay 60 --max-retries 0 --timeout 1.5 --deduplication-key k --tag a --tag b"
    )
    assert run("enqueue", "command-wait", "[]", "--job-id", "mine", *arguments.split()) == "mine\n"
    record = kit.record("mine")
    assert (record.queue, record.priority, record.state) == ("q", Priority.HIGH, State.SCHEDULED)
    assert (record.max_retries, record.deduplication_key) == (0, "k")
    [envelope] = kit.reader.envelopes(["mine"])
    assert (envelope.timeout_ms, envelope.tags) == (1500, ("a", "b"))


def test_the_payload_may_come_from_standard_input(kit, monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"[1, 2]")))
    job_id = run("enqueue", "command-wait", "-").strip()
    [envelope] = kit.reader.envelopes([job_id])
    assert envelope is not None
    assert envelope.payload == b"[1, 2]"


def test_a_repeat_says_that_the_job_was_there(kit):
    run("enqueue", "command-wait", "--job-id", "mine")
    assert run("enqueue", "command-wait", "--job-id", "mine") == "mine\nThe job was there already; it is pending.\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("command-echo", "[]"), "payload: Expected `object`, got `array`"),
        (("command-echo", "{"), "payload: not JSON"),
        (("nobodys",), "type: no handler is known for 'nobodys', and no live worker has one"),
        (("command-wait", "1", "--priority", "urgent"), "options.priority: give high, normal or low"),
        (("command-wait", "1", "--run-at", "2026-01-01T00:00:00"), "options.runAt: a time needs an offset"),
        (("command-wait", "1", "--run-at", "soon"), "--run-at: invalid"),
        (("command-wait", "\udcff"), "payload: byte 0 is not UTF-8"),
    ],
)
def test_what_is_wrong_is_one_sentence(kit, arguments, words):
    with pytest.raises(CommandError) as caught:
        run("enqueue", *arguments)
    assert words in str(caught.value)


def test_a_duplicate_names_the_first_job(kit):
    run("enqueue", "command-wait", "--deduplication-key", "k", "--job-id", "first")
    with pytest.raises(CommandError, match="deduplication key 'k' is held by job first"):
        run("enqueue", "command-wait", "--deduplication-key", "k")


def test_without_a_server_the_command_says_what_to_start(config, configure, types, monkeypatch):
    configure(config)
    monkeypatch.setattr(store, "_process_store", None)
    with pytest.raises(CommandError, match="no REDIS_URL is set and no embedded server answers here"):
        run("enqueue", "command-wait")
