"""One process that `up` keeps running: started, restarted with back-off, its lines printed with its name."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1
STEADY_SECONDS = 10.0
LONGEST_WAIT_SECONDS = 30.0


def _die_with_parent() -> None:
    """In the child: the kernel sends SIGTERM when `up` dies, however it dies (Linux)."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Child:
    """A command in a session of its own, so that a Ctrl-C reaches it through `up` only.

    `say(name, line)` gets each line it prints. Call `start` from the main thread.
    """

    def __init__(
        self, name: str, command: Sequence[str], env: Mapping[str, str], cwd: Path, say: Callable[[str, str], None]
    ) -> None:
        self.name = name
        self._command = list(command)
        self._env = dict(env)
        self._cwd = cwd
        self._say = say
        self._process: subprocess.Popen[str] | None = None
        self._started = 0.0
        self._fails = 0
        self._again_at = 0.0

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it."""
        self._started = time.monotonic()
        self._process = subprocess.Popen(
            self._command,
            env=self._env,
            cwd=self._cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - one call, no locks
        )
        threading.Thread(target=self._relay, args=(self._process,), daemon=True).start()

    def keep(self) -> None:
        """Start it again if it has ended, later each time it ends early."""
        if self.alive or self._process is None:
            return
        now = time.monotonic()
        if not self._again_at:
            self._fails = 0 if now - self._started > STEADY_SECONDS else self._fails + 1
            wait = min(LONGEST_WAIT_SECONDS, 0.5 * 2**self._fails) if self._fails else 0.0
            self._say("up", f"{self.name} ended with exit code {self._process.returncode}; again in {wait:g} s")
            self._again_at = now + wait
        if now >= self._again_at:
            self._again_at = 0.0
            self.start()

    def signal(self, number: int) -> None:
        """Send it a signal if it runs."""
        if self._process is not None and self.alive:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    def kill(self) -> None:
        """End it and what it started, at once."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def wait(self, seconds: float) -> bool:
        """True when it has ended within `seconds`."""
        if self._process is None:
            return True
        try:
            self._process.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            return False
        return True

    def _relay(self, process: subprocess.Popen[str]) -> None:
        if process.stdout is not None:
            for line in process.stdout:
                self._say(self.name, line.rstrip("\n"))
