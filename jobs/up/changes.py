"""Notices that source files changed, for `up --reload`."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from pathlib import Path

SUFFIXES = frozenset({".py", ".lua", ".html"})
LOOK_EVERY_SECONDS = 1.0


class Changes:
    """Compares modification times below some folders, at most once a second."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._known = dict(self._stamps())
        self._looked = time.monotonic()

    def first(self) -> Path | None:
        """A file that is new, changed or gone since the last look; None when there is none."""
        if time.monotonic() - self._looked < LOOK_EVERY_SECONDS:
            return None
        self._looked = time.monotonic()
        before, self._known = self._known, dict(self._stamps())
        differing = {path for path, _ in before.items() ^ self._known.items()}
        return min(differing, default=None)

    def _stamps(self) -> Iterable[tuple[Path, int]]:
        for folder in self._folders:
            for path in folder.rglob("*"):
                if path.suffix in SUFFIXES:
                    try:
                        yield path, path.stat().st_mtime_ns
                    except FileNotFoundError:
                        continue
