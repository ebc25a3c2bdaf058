"""How far a run is: a bar on a terminal, a line a step elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TextIO

WIDTH = 30
CLEAR = "\r\x1b[K"


class Progress:
    """Counts steps of a run whose number is known."""

    def __init__(self, total: int, stream: TextIO = sys.stderr) -> None:
        self._total = total
        self._done = 0
        self._stream = stream
        self._terminal = stream.isatty()
        self._started = time.monotonic()

    def step(self, text: str) -> None:
        """Say what begins now."""
        if self._terminal:
            filled = WIDTH * self._done // self._total
            bar = "█" * filled + "·" * (WIDTH - filled)
            self._write(f"{CLEAR}{bar} {self._done}/{self._total}{self._remaining()}  {text}")
        else:
            self._write(f"[{self._done + 1}/{self._total}] {text}\n")
        self._done += 1

    def note(self, text: str) -> None:
        """Print a line that stays."""
        self._write(f"{CLEAR if self._terminal else ''}{text}\n")

    def close(self) -> None:
        """Take the bar away."""
        if self._terminal:
            self._write(CLEAR)

    def _remaining(self) -> str:
        if not self._done:
            return ""
        seconds = (time.monotonic() - self._started) / self._done * (self._total - self._done)
        return f", {seconds // 60:.0f}:{seconds % 60:02.0f} left"

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
