"""Which servers are new enough: one table, read by the launcher of ours and by whoever connects to another."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

OLDEST = {"redis": (7, 0), "valkey": (7, 2)}
SUPPORTED = "Redis 7.0 or newer, or Valkey 7.2 or newer"

_BANNER = re.compile(r"(\w+) server v=(\d+)\.(\d+)")
_NUMBERS = re.compile(r"(\d+)\.(\d+)")


@dataclass(frozen=True)
class ServerVersion:
    """A product in lower case with its major and minor number."""

    product: str
    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.product} {self.major}.{self.minor}"

    def refusal(self) -> str | None:
        """Return why this server cannot be used as half a sentence, or None if it can."""
        oldest = OLDEST.get(self.product)
        if oldest is None:
            return f"{self} is not supported: use {SUPPORTED}"
        if (self.major, self.minor) < oldest:
            return f"{self} is too old: use {SUPPORTED}"
        return None


def from_banner(text: str) -> ServerVersion | None:
    """Read what ``valkey-server --version`` prints, as ``Valkey server v=9.1.2 sha=…``; None if it is not that."""
    found = _BANNER.search(text)
    return found and ServerVersion(found[1].lower(), int(found[2]), int(found[3]))


def from_info(info: Mapping[str, object]) -> ServerVersion | None:
    """Read the server section of INFO; None where it names no version. Valkey also gives a ``redis_version``."""
    product = "valkey" if "valkey_version" in info else "redis"
    found = _NUMBERS.match(str(info.get(f"{product}_version", "")))
    return found and ServerVersion(product, int(found[1]), int(found[2]))
