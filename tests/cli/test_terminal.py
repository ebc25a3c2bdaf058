"""Commands at a terminal and in pipes: columns, colours, questions, progress, signals, exit codes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jobs.cli.printable import width_of
from jobs.maintenance.crew import Crew
from jobs.states import State
from jobs.store.operation import Status
from jobs.types import Failure
from tests.cli.terminal import Terminal
from tests.engine.maintenance.bulk_kit import die
from tests.engine.pools import ROOT
from tests.support.jobs import StoreKit, failed

At = Callable[..., Terminal]


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a database for commands in processes of their own."""
    folder = tmp_path_factory.mktemp("cli")
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "QUEUEFLOW_VAR_DIR": str(folder)}
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, env=env, check=True)
    return folder


@pytest.fixture
def environment(kit: StoreKit, database: Path) -> dict[str, str]:
    """Return the variables that lead a process to the test's store."""
    return {"REDIS_URL": str(kit.store.config.redis_url), "QUEUEFLOW_VAR_DIR": str(database)}


@pytest.fixture
def at(environment: dict[str, str]) -> At:
    """Return a function that runs a command at a terminal."""

    def run(*arguments: str, columns: int = 80, **changes: str) -> Terminal:
        return Terminal(environment | changes, *arguments, columns=columns)

    return run


def piped(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command without a terminal."""
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"} | environment
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=60
    )


@pytest.mark.parametrize(
    ("command", "columns"),
    [(["jobs", "list"], 50), (["jobs", "list"], 80), (["dlq", "list"], 80), (["queues", "list"], 50)],
)
def test_tables_fit_the_terminal(kit: StoreKit, at: At, columns: int, command: list[str]) -> None:
    die(kit, 2, "亀 " * 100, type="a-type-with-a-rather-long-name", queue="a-queue-with-a-rather-long-name")
    kit.enqueue_many(2, payload=b'"' + b"long " * 100 + b'"')
    with at(*command, columns=columns) as terminal:
        assert terminal.end() == 0
    assert len(terminal.lines) > 2
    assert max(map(width_of, terminal.lines)) <= columns
    assert any("…" in line for line in terminal.lines) or command == ["queues", "list"]


def test_states_have_colours_on_a_terminal_only(kit: StoreKit, at: At, environment: dict[str, str]) -> None:
    die(kit, 1)
    with at("jobs", "list") as terminal:
        terminal.end()
    assert "\x1b[31mdead\x1b[0m" in terminal.raw
    for changes in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        with at("jobs", "list", **changes) as terminal:
            terminal.end()
        assert "dead" in terminal.raw
        assert "\x1b" not in terminal.raw
    with at("jobs", "show", "nobody", NO_COLOR="1") as terminal:
        assert terminal.end() == 3
    assert "\x1b" not in terminal.raw
    with at("jobs", "list", "--no-color") as terminal:
        terminal.end()
    assert "\x1b" not in terminal.raw
    assert "\x1b" not in piped(environment, "jobs", "list").stdout


def test_a_pipe_gets_everything_uncut(kit: StoreKit, environment: dict[str, str]) -> None:
    worker = kit.worker()
    claim = kit.claimed(worker)
    worker.fail([failed(claim, Failure("ValueError", "long " * 35, "", "f" * 16), final=True)])
    done = piped(environment, "dlq", "list")
    assert ("long " * 35).strip() in done.stdout
    assert (done.stderr, done.returncode) == ("", 0)


@pytest.mark.parametrize(
    ("answer", "state", "code"),
    [("y\n", None, 0), ("n\n", State.DEAD, 1), ("\n", State.DEAD, 1), ("\x04", State.DEAD, 1)],
)
def test_a_person_is_asked(kit: StoreKit, at: At, crew: Crew, answer: str, state: State | None, code: int) -> None:
    ids = die(kit, 3)
    with at("dlq", "delete", "--type", "echo") as terminal:
        terminal.read_until("Delete 3 dead jobs? [y/N] ")
        terminal.press(answer)
        assert terminal.end() == code
    assert set(kit.states(ids)) == {state}
    said = "\n".join(terminal.lines)
    assert ("Deleted 3 dead jobs in " in said) == (code == 0)
    assert ("Nothing was done." in said) == (code == 1)


def test_progress_is_shown_until_it_is_done(kit: StoreKit, at: At, crew: Crew) -> None:
    die(kit, 30)
    with at("dlq", "retry", "--all", "--yes", "--rate", "30") as terminal:
        terminal.read_until("of 30")
        assert terminal.end() == 0
    assert "Retrying " in terminal.raw
    assert "█" in terminal.raw
    assert [line for line in terminal.lines if line] == [
        next(line for line in terminal.lines if line.startswith("Retried 30"))
    ]


def test_ctrl_c_leaves_an_operation_running_and_says_so(kit: StoreKit, at: At) -> None:
    die(kit, 5)
    with at("dlq", "retry", "--all", "--yes") as terminal:
        terminal.read_until("Retrying")
        terminal.press("\x03")
        assert terminal.end() == 130
    [operation] = kit.store.operations.latest(1)
    assert operation.status is Status.RUNNING
    assert f"Operation {operation.id} goes on without you; 0 of 5 jobs are done." in terminal.lines
    assert "Traceback" not in terminal.raw


def test_an_operation_that_nobody_carries_out_is_told(kit: StoreKit, at: At) -> None:
    die(kit, 1)
    with at("dlq", "retry", "--all", "--yes") as terminal:
        terminal.read_until("Nobody carries it out yet")
        crew = Crew(kit.store.config, "tester")
        crew.start()
        assert terminal.end() == 0
        crew.stop()
        assert crew.join(10)
    assert any(line.startswith("Retried 1 dead job in ") for line in terminal.lines)


def test_ctrl_c_ends_a_wait_and_leaves_the_job(kit: StoreKit, at: At) -> None:
    with at("enqueue", "echo", "--wait", ACCEPT_UNKNOWN_TYPES="true") as terminal:
        terminal.read_until("is on its way")
        terminal.press("\x03")
        assert terminal.end() == 130
    assert "It goes on without you." in terminal.lines
    assert "Traceback" not in terminal.raw


def test_a_reader_that_goes_away_ends_the_command_quietly(kit: StoreKit, environment: dict[str, str]) -> None:
    kit.enqueue_many(3000)
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"} | environment
    command = [sys.executable, "manage.py", "jobs", "list", "--all", "--json"]
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    said = process.stderr.read()
    assert (process.wait(30), said) == (128 + signal.SIGPIPE, "")
    process.stderr.close()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["jobs"], 2, "the following arguments are required: VERB"),
        (["jobs", "list", "--status", "gone"], 2, "invalid choice: 'gone'"),
        (["jobs", "list", "--queue", "UPPER"], 2, "--queue: "),
        (["dlq", "delete", "--all"], 2, "this would delete 1 dead job: to do it, give --yes"),
        (["jobs", "show", "nobody"], 3, "no job nobody"),
        (["enqueue", "nobodys"], 1, "type: no handler is known for 'nobodys', and no live worker has one"),
        (["jobs", "list"], 0, ""),
    ],
)
def test_exit_codes_tell_how_it_went(
    kit: StoreKit, environment: dict[str, str], arguments: list[str], code: int, words: str
) -> None:
    die(kit, 1)
    done = piped(environment, *arguments)
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert bool(done.stdout) == (code == 0)


@pytest.mark.parametrize(
    "command",
    [["dlq", "groups"], ["queues", "pause", "default"], ["enqueue", "a"]],
)
def test_a_store_that_is_away_is_one_sentence(environment: dict[str, str], command: list[str]) -> None:
    done = piped(environment | {"REDIS_URL": "redis://127.0.0.1:9/0"}, *command)
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert "the store does not answer: " in done.stderr


def test_help_lists_the_verbs_with_a_sentence_each(environment: dict[str, str]) -> None:
    done = piped(environment, "dlq", "--help")
    for words in ("List dead jobs, latest death first.", "Group dead jobs by their error, largest group first."):
        assert words in " ".join(done.stdout.split())
