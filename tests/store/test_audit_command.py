"""`manage.py audit` says in words, in JSON and by its exit code whether the store is whole."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command

from jobs.conf import Config
from jobs.management.commands import audit as command
from jobs.store.client import Client
from jobs.store.store import Store
from tests.support.jobs import StoreKit

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(kit: StoreKit, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give a function that runs the command on the kit's store: exit code and output."""
    monkeypatch.setattr(command, "get_store", lambda: kit.store)

    def audit(*args: str) -> tuple[int, str]:
        out = io.StringIO()
        try:
            call_command("audit", *args, stdout=out, no_color=True)
        except SystemExit as ended:
            return int(str(ended.code)), out.getvalue()
        return 0, out.getvalue()

    return audit


def test_a_whole_store_ends_with_zero(kit: StoreKit, run: Run) -> None:
    kit.enqueue_many(3)
    code, text = run()
    assert code == 0
    assert text.startswith("The store is whole: 3 jobs in ")


def test_findings_end_with_one_and_a_sentence_each(kit: StoreKit, run: Run) -> None:
    kit.enqueue("broken")
    kit.client.call("DEL", kit.keys.data)
    code, text = run()
    assert code == 1
    assert "no_body: job broken has a record but no envelope" in text
    assert "1 findings (1 no_body) in 1 jobs" in text


def test_more_findings_than_are_listed_are_counted(kit: StoreKit, run: Run) -> None:
    kit.enqueue_many(250)
    kit.client.call("DEL", kit.keys.data)
    _, text = run()
    assert "… and 50 more" in text


def test_json_carries_the_whole_report(kit: StoreKit, run: Run) -> None:
    kit.enqueue("broken")
    kit.client.call("DEL", kit.keys.data)
    code, text = run("--json")
    assert code == 1
    report = json.loads(text)
    assert report["counts"] == {"no_body": 1}
    assert report["findings"][0]["subject"] == "broken"


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_what_turns_text_around_is_escaped(kit: StoreKit, run: Run, form: tuple[str, ...]) -> None:
    kit.client.call("HSET", kit.keys.data, "gpj\u202eexe", b"nonsense")
    code, text = run(*form)
    assert code == 1
    assert "\u202e" not in text
    assert "gpj\\u202eexe" in text


def test_a_store_that_is_away_is_one_clear_sentence(run: Run, monkeypatch: pytest.MonkeyPatch, config: Config) -> None:
    away = Store(Client("redis://127.0.0.1:1/0", timeout=0.2), config)
    monkeypatch.setattr(command, "get_store", lambda: away)
    with pytest.raises(CommandError, match=r"^the store cannot be read: ") as caught:
        run()
    assert caught.value.returncode == 2
