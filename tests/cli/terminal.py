"""A command at a real terminal: what it writes there, and what a person types."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from tests.engine.pools import ROOT

_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def _take_terminal() -> None:
    """In the child: make the terminal the one whose keys send signals."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


_MANAGE = (sys.executable, "manage.py")


class Terminal:
    """`manage.py`, or another program, at a terminal of some columns. Killed on exit."""

    def __init__(
        self,
        environment: Mapping[str, str],
        *arguments: str,
        columns: int = 80,
        program: Sequence[str] = _MANAGE,
    ) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        env = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")}
        env |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "TERM": "xterm-256color", **environment}
        self.process = subprocess.Popen(
            [*program, *arguments],
            cwd=ROOT,
            env=env,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=_take_terminal,  # noqa: PLW1509 - one call, no locks
        )
        os.close(slave)
        self._written = b""

    @property
    def raw(self) -> str:
        """Everything it has written, with escape sequences."""
        return self._written.decode(errors="replace").replace("\r\n", "\n")

    @property
    def lines(self) -> list[str]:
        """What a person sees of it, line by line; progress that was wiped out is not."""
        seen = [line.rsplit("\r", 1)[-1] for line in self.raw.split("\n")]
        return [_ESCAPES.sub("", line) for line in seen]

    def read_until(self, text: str, seconds: float = 30.0) -> None:
        """Read on until it has written `text`. Raises AssertionError."""
        deadline = time.monotonic() + seconds
        while text not in self.raw:
            if not self._read(deadline - time.monotonic()):
                raise AssertionError(f"no {text!r} in {self.raw!r}")

    def press(self, text: str) -> None:
        """Press keys; \x03 is Ctrl-C."""
        os.write(self.master, text.encode())

    def end(self, seconds: float = 30.0) -> int:
        """Its exit code, when all it writes has been read."""
        deadline = time.monotonic() + seconds
        while self._read(deadline - time.monotonic()):
            pass
        return self.process.wait(max(0.1, deadline - time.monotonic()))

    def _read(self, seconds: float) -> bool:
        """Take in what comes next; False at the end, or when nothing has come in time."""
        if seconds <= 0 or not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            came = os.read(self.master, 65_536)
        except OSError:  # the other side is closed
            return False
        self._written += came
        return bool(came)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.master)
