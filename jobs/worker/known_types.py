"""Which job types somebody has a handler for, told to lanes that must not wait for the store that knows it."""

from __future__ import annotations

from math import inf
from time import monotonic
from typing import Final, Protocol

from jobs.errors import StoreUnavailable

LOOK_EVERY: Final = 1.0
FRESH: Final = 5.0  # seconds for which an answer counts


class KnowsTypes(Protocol):
    """Whoever can tell which types live workers of a queue announce."""

    def known_types(self, queue: str | None = None) -> frozenset[str]:
        """The types. Raises StoreError."""


class KnownTypes:
    """Asked by the settlers of other partitions than the first, which has the workers; `look` is for the first one's.

    So the first one may be away, and no other waits for it.
    """

    def __init__(self, workers: KnowsTypes) -> None:
        self._workers = workers
        self._asked: set[str | None] = set()
        self._known: dict[str | None, tuple[float, frozenset[str]]] = {}

    def known_types(self, queue: str | None = None) -> frozenset[str]:
        """The types, as they were a moment ago. Raises StoreUnavailable while nobody has looked; then ask again."""
        self._asked.add(queue)
        seen, types = self._known.get(queue, (-inf, frozenset()))
        if monotonic() - seen > FRESH:
            raise StoreUnavailable("which types are known has not been heard lately", "not_heard")
        return types

    def look(self) -> None:
        """Look for all that was asked. Raises StoreError."""
        asked, self._asked = self._asked, set()
        for queue in asked:
            self._known[queue] = (monotonic(), self._workers.known_types(queue))
