"""What server and application tell each other about the end of the process."""

from __future__ import annotations

import time
from typing import Any, Final

EXTENSION: Final = "queueflow.drain"
WATCHED_SECONDS: Final = 30.0


class Drain:
    """Whether the process is ending. The server puts it into each request's `scope["extensions"]`."""

    def __init__(self) -> None:
        self.begun = False
        self._asked = float("-inf")

    def ask(self) -> bool:
        """True when the process is ending; for readiness probes, whose questions are remembered."""
        self._asked = time.monotonic()
        return self.begun

    @property
    def is_watched(self) -> bool:
        """True when somebody looks at the readiness, and so can be told."""
        return time.monotonic() - self._asked < WATCHED_SECONDS


def is_ending(scope: Any) -> bool:
    """True when the server of this request is about to end; for readiness probes. Other servers do not tell."""
    drain = scope.get("extensions", {}).get(EXTENSION)
    return isinstance(drain, Drain) and drain.ask()
