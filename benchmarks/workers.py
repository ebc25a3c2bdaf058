"""The running worker processes of one subject."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from benchmarks import proc
from benchmarks.errors import BenchmarkError

GRACE_SECONDS = 2.0
POLL_SECONDS = 0.02
LOG_TAIL = 1500


class Workers:
    """A context: starts the commands, each leading a session of its own, and leaves none of their processes behind."""

    def __init__(self, commands: list[list[str]], environment: Mapping[str, str], folder: Path, log: Path) -> None:
        self._commands = commands
        self._environment = environment
        self._folder = folder
        self._log = log
        self._leaders: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Workers:
        with self._log.open("wb") as log:
            try:
                for command in self._commands:
                    self._leaders.append(self._start(command, log.fileno()))
            except BaseException:
                self.stop()
                raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def check(self) -> None:
        """Raise ``BenchmarkError`` with the end of the log if a command has ended."""
        for leader in self._leaders:
            if leader.poll() is not None:
                raise BenchmarkError(f"a worker ended with {leader.returncode}: {self.log_tail()}")

    def log_tail(self) -> str:
        """Return the last lines the workers wrote."""
        return self._log.read_text(errors="replace")[-LOG_TAIL:].strip() or "it wrote nothing"

    def memory(self) -> proc.Memory:
        """Return the memory of all processes together."""
        return proc.memory(self._family())

    def stop(self) -> None:
        """Ask the leaders to end, wait a moment, kill what is left of their families."""
        family = self._family()
        for leader in self._leaders:
            leader.terminate()
        self._wait_for_end(family, GRACE_SECONDS)
        self._kill(family)
        for leader in self._leaders:
            leader.wait()
        self._wait_for_end(family, GRACE_SECONDS)  # what was killed takes a moment to go
        self._leaders.clear()

    def _start(self, command: list[str], log: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            env=dict(self._environment),
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def _family(self) -> set[int]:
        return proc.family(leader.pid for leader in self._leaders)

    def _wait_for_end(self, family: set[int], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self._alive(family) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)

    def _alive(self, family: set[int]) -> bool:
        running = [leader for leader in self._leaders if leader.poll() is None]
        return bool(running or family & proc.family(family))

    def _kill(self, family: set[int]) -> None:
        # The groups first: that is all there is without /proc. Then whoever left them.
        for leader in self._leaders:
            with suppress(ProcessLookupError):
                os.killpg(leader.pid, signal.SIGKILL)
        for pid in family & proc.family(family):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
