"""Remembers what an Idempotency-Key led to, for requests that are no enqueue."""

from __future__ import annotations

import msgspec

from .client import Client
from .keys import Keys
from .producer import IdempotencyKeyReused, Marker


class Markers:
    """One answer a key, kept as long as the marker says."""

    def __init__(self, client: Client, keys: Keys) -> None:
        self._client = client
        self._keys = keys

    def keep(self, marker: Marker, value: str) -> str:
        """The value that was kept first for this marker: `value`, unless there was one before.

        Raises IdempotencyKeyReused when the key was used for another body.
        """
        packed = msgspec.msgpack.encode((marker.body, value))
        key = self._keys.idempotency(marker.key)
        kept = self._client.call("SET", key, packed, "NX", "GET", "PX", marker.seconds * 1000)
        if kept is None:
            return value
        try:
            body, first = msgspec.msgpack.decode(kept, type=tuple[str, object])
        except (msgspec.MsgspecError, UnicodeDecodeError):
            body, first = "", ""
        if body != marker.body or not isinstance(first, str):
            raise IdempotencyKeyReused("the Idempotency-Key was used for another body")
        return first
