"""A `var/` of each test's own, and processes that start the server on it."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jobs.server.binary import OVERRIDE
from jobs.server.files import ServerFiles
from jobs.server.process import ServerProcess
from tests.support.server import server_program

ROOT = Path(__file__).parents[2]


class Starter:
    """A process that starts or adopts the server of ``var_dir`` and keeps it until told otherwise."""

    def __init__(self, var_dir: Path, *arguments: str) -> None:
        # A session of its own stands for the terminal's foreground process group.
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.server.starter", var_dir, *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def hear(self) -> dict[str, Any]:
        """Return the next thing it says."""
        assert self.process.stdout is not None
        heard: dict[str, Any] = json.loads(self.process.stdout.readline())
        return heard

    def finish(self) -> dict[str, Any]:
        """Let it stop as it should, and return its last word."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.hear()

    def kill(self) -> None:
        """End it as `kill -9` does."""
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        """End it whatever it does."""
        self.kill()
        for stream in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                assert stream is not None
                stream.close()


@pytest.fixture(autouse=True)
def program(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the embedded server, also that of other processes, the one that this test run is for."""
    chosen = server_program()
    monkeypatch.setenv(OVERRIDE, str(chosen))
    return chosen


@pytest.fixture
def var_dir() -> Iterator[Path]:
    """Return a short path to a folder that does not exist yet. No server is left on it, nor the folder."""
    home = Path(tempfile.mkdtemp(prefix="qf-"))
    yield home / "var"
    end_server(home / "var")
    shutil.rmtree(home)


@pytest.fixture
def starter(var_dir: Path) -> Iterator[Callable[..., Starter]]:
    """Return a function that starts a process as `up` would."""
    starters: list[Starter] = []

    def start(*arguments: str) -> Starter:
        starters.append(Starter(var_dir, *arguments))
        return starters[-1]

    yield start
    for one in starters:
        one.close()


def end_server(var_dir: Path) -> None:
    """End the server on these files, if there is one."""
    process = ServerProcess(ServerFiles(var_dir))
    process.end(1.0)
    process.forget()
