"""Collects the keys of one script call and tells at which KEYS index each stands."""

from __future__ import annotations

from collections.abc import Sequence

from .keys import Keys


class Keyring:
    """KEYS in the making: fixed ones first, then whatever single items need, each run of keys once."""

    def __init__(self, *fixed: str | Sequence[str]) -> None:
        self.keys: list[str] = []
        self._at: dict[tuple[str, ...], int] = {}
        for part in fixed:
            self.keys += [part] if isinstance(part, str) else part

    def add(self, *run: str) -> int:
        """The KEYS index (from 1) of the first of `run`, which stands there in one piece."""
        at = self._at.get(run)
        if at is None:
            at = self._at[run] = len(self.keys) + 1
            self.keys += run
        return at

    def add_deduplication(self, keys: Keys, held: str) -> int:
        """The KEYS index of the key that guards a deduplication key, or 0 where a job has none."""
        return self.add(keys.deduplication(held)) if held else 0

    def add_unless_empty(self, text: str, key: str) -> int:
        """Like `add` for one key, or 0 where `text`, the thing the key is for, is empty."""
        return self.add(key) if text else 0
