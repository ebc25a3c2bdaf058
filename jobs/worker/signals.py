"""Signals as numbers to be read from a file descriptor, so that one `select` waits for everything."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterable
from contextlib import suppress
from types import FrameType


class Signals:
    """Takes the given signals over for this process. Made in the main thread, once; `release` undoes it."""

    def __init__(self, numbers: Iterable[signal.Signals]) -> None:
        self._numbers = tuple(numbers)
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        self._before = {number: signal.signal(number, _do_nothing) for number in self._numbers}

    def fileno(self) -> int:
        """Readable when a signal has come."""
        return self._reader.fileno()

    def read(self) -> list[int]:
        """The numbers of the signals that have come."""
        with suppress(BlockingIOError):
            return [number for number in self._reader.recv(4096) if number]
        return []

    def nudge(self) -> None:
        """Wake whoever waits; for any thread."""
        with suppress(BlockingIOError, OSError):
            self._writer.send(b"\0")

    def release(self) -> None:
        """Give the signals back to whom they belonged before."""
        signal.set_wakeup_fd(-1)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self.close()

    def close(self) -> None:
        """Close the descriptors only; for a forked child, which has reset its signals."""
        self._reader.close()
        self._writer.close()


def _do_nothing(number: int, frame: FrameType | None) -> None:
    """Python writes the number to the wake-up descriptor only for signals that have a handler."""
