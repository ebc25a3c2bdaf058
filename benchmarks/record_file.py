"""The file of completions, seen from the side that counts."""

from __future__ import annotations

import os
from pathlib import Path

from benchmarks.work import RECORD


class RecordFile:
    """One record a completion; workers hold it open, so it is emptied but never replaced."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()

    def count(self) -> int:
        """Return how many jobs have completed since ``clear``."""
        return self.path.stat().st_size // RECORD.size

    def clear(self) -> None:
        """Forget all records."""
        os.truncate(self.path, 0)

    def milliseconds(self) -> list[float]:
        """Return for each completion the time from enqueue to the handler's first line."""
        raw = self.path.read_bytes()
        whole = raw[: len(raw) // RECORD.size * RECORD.size]
        return [waited / 1e6 for (waited,) in RECORD.iter_unpack(whole)]
