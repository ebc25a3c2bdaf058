"""Hears what the process of a simulation says on its two pipes, and keeps no more of it than is needed."""

from __future__ import annotations

import os
import selectors
import subprocess
from time import monotonic
from typing import Any, Final, Self

import msgspec

from .wanted import Said

PIECE: Final = 1 << 16  # bytes, what a pipe holds
LONGEST: Final = 4 << 20  # bytes of a line
LAST_WORDS: Final = 4096  # bytes of standard error that are kept
LINGERS: Final = 2.0  # seconds in which a process ends that has closed its pipe


class Ears:
    """Both pipes are emptied as they fill, so that a strategy which prints without end neither blocks nor fills a
    disk."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        pipes: Any = process.stdout, process.stderr
        self._out, self._err = pipes
        self._rest = b""
        self._last = b""
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._out, selectors.EVENT_READ)
        self._selector.register(self._err, selectors.EVENT_READ)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()

    def hear(self, seconds: float) -> list[Said] | None:
        """What is said within so many seconds, waiting for no more than the first of it; None: it says no more.

        Raises ValueError for what is no line of a simulation.
        """
        said: list[Said] = []
        for key, _ in self._selector.select(seconds):
            piece = os.read(key.fd, PIECE)
            if key.fileobj is self._err:
                self._overhear(piece)
            elif not piece:
                return None
            else:
                *lines, self._rest = (self._rest + piece).split(b"\n")
                said += [msgspec.json.decode(line, type=Said) for line in lines]
        if len(self._rest) > LONGEST:
            raise ValueError("it says too much at once")
        return said

    def last_words(self) -> str:
        """Why the process ended, which says no more."""
        deadline = monotonic() + LINGERS
        while self._err in self._open() and (left := deadline - monotonic()) > 0:
            for key, _ in self._selector.select(left):
                if key.fileobj is self._err:
                    self._overhear(os.read(key.fd, PIECE))
                else:
                    self._selector.unregister(self._out)
        self._process.kill()
        code = self._process.wait()
        lines = self._last.decode(errors="replace").strip().splitlines()
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return f"Its process ended with {how}{': ' if lines else ''}{lines[-1] if lines else ''}"

    def _overhear(self, piece: bytes) -> None:
        if not piece:
            self._selector.unregister(self._err)
        self._last = (self._last + piece)[-LAST_WORDS:]

    def _open(self) -> list[Any]:
        return [key.fileobj for key in self._selector.get_map().values()]
