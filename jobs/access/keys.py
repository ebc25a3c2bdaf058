"""Finds who holds an API key, without asking the database for each request."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final

from channels.db import database_sync_to_async
from django.db import DatabaseError, connection
from django.utils import timezone

from jobs.models import ApiKey, key_hash
from jobs.rights import rights_of

from .principal import Principal

CACHE_SECONDS: Final = 5.0
CACHE_SIZE: Final = 10_000
TOUCH_SECONDS: Final = 60.0
MOST_LOOKING: Final = 4


class KeyRing:
    """Finds who holds a key. What was found, or not, holds for five seconds; use is noted once a minute."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, int, Principal | None]] = {}
        self._touched: dict[int, float] = {}
        self._looking = 0  # on the event loop only
        self._lock = threading.Lock()
        self._notes = ThreadPoolExecutor(1, thread_name_prefix="key-use")

    def is_good(self, text: str) -> bool:
        """True for a key that was found a moment ago."""
        _, _, found = self._known.get(key_hash(text), (0.0, 0, None))
        return found is not None

    @property
    def is_busy(self) -> bool:
        """True when several keys are being looked up at this moment."""
        return self._looking >= MOST_LOOKING

    async def principal(self, text: str) -> Principal | None:
        """The holder of a key; None for one that is unknown, revoked or expired. Raises DatabaseError."""
        digest = key_hash(text)
        until, key_id, found = self._known.get(digest, (0.0, 0, None))
        if time.monotonic() >= until:
            self._looking += 1
            try:
                key_id, found = await database_sync_to_async(self._look_up)(digest)
            finally:
                self._looking -= 1
        if found is None or found.is_expired:
            return None
        self._touch(key_id)
        return found

    def forget(self) -> None:
        """Look every key up again."""
        with self._lock:
            self._known.clear()

    def _look_up(self, digest: str) -> tuple[int, Principal | None]:
        key = ApiKey.objects.filter(hash=digest, revoked_at=None).first()
        found = None
        if key is not None:
            expires = key.expires_at.timestamp() if key.expires_at else 0.0
            found = Principal(f"key:{key.pk}", key.name, rights_of(key.granted), expires, key.rate)
        with self._lock:
            if len(self._known) >= CACHE_SIZE:
                self._known.clear()
            self._known[digest] = (time.monotonic() + CACHE_SECONDS, key.pk if key else 0, found)
        return key.pk if key else 0, found

    def _touch(self, key_id: int) -> None:
        now = time.monotonic()
        if now - self._touched.get(key_id, float("-inf")) >= TOUCH_SECONDS:
            self._touched[key_id] = now
            self._notes.submit(note_use, key_id)


def note_use(key_id: int) -> None:
    """Write down that a key is in use. A database that is busy is not waited for by anybody but this thread."""
    try:
        ApiKey.objects.filter(pk=key_id).update(last_used_at=timezone.now())
    except DatabaseError:
        return
    finally:
        connection.close()


@cache
def key_ring() -> KeyRing:
    """This process's key ring."""
    return KeyRing()
