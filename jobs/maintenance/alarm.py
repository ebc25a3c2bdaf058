"""Wakes the thread that sleeps in `select`: by a signal, or from another thread."""

from __future__ import annotations

import contextlib
import signal
import socket
from types import FrameType


class Alarm:
    """Becomes readable when rung. `ended` is set by SIGTERM once `listen` was called."""

    def __init__(self) -> None:
        self._out, self._in = socket.socketpair()
        self._out.setblocking(False)
        self._in.setblocking(False)
        self.ended = False
        self._listening = False

    def fileno(self) -> int:
        """For selectors: readable when it was rung since `clear`."""
        return self._out.fileno()

    def listen(self) -> None:
        """Take SIGTERM for an order to end; a terminal's Ctrl-C and hang-up are the supervisor's business.

        Only in the main thread.
        """
        self._listening = True
        signal.set_wakeup_fd(self._in.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGTERM, self._end)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def ring(self) -> None:
        """Wake the sleeper."""
        with contextlib.suppress(OSError):  # it is full of rings already, or the sleeper has gone
            self._in.send(b"\0")

    def clear(self) -> None:
        """Take note of all rings."""
        with contextlib.suppress(BlockingIOError):
            while self._out.recv(4096):
                pass

    def close(self) -> None:
        """Let go of the sockets, and of the signals' hold on it."""
        if self._listening:
            signal.set_wakeup_fd(-1)
        self._out.close()
        self._in.close()

    def _end(self, number: int, frame: FrameType | None) -> None:
        self.ended = True
