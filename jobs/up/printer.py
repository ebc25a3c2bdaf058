"""Prints the lines of several processes, each behind its name."""

from __future__ import annotations

import contextlib
import threading
from typing import TextIO

WIDTH = 9
COLOURS = {"up": "1", "web": "36", "pool": "32", "scaler": "33", "scheduler": "34", "demo": "35"}


class Printer:
    """Writes whole lines, one at a time, in colour on a terminal. Lines that nobody can read any more are dropped."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._colourful = stream.isatty()

    def __call__(self, name: str, line: str) -> None:
        """Print one line of the process `name`."""
        head = f"{name:<{WIDTH}}|"
        if self._colourful:
            head = f"\x1b[{COLOURS.get(name, '0')}m{head}\x1b[0m"
        with self._lock, contextlib.suppress(OSError, ValueError):  # the terminal or the pipe is gone
            self._stream.write(f"{head} {line}\n")
            self._stream.flush()
