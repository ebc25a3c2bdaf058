"""Remembers what an Idempotency-Key led to, for requests that are no enqueue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from .client import Client
from .keys import Keys
from .packing import Arg
from .producer import IdempotencyKeyReused, Marker

WHOLE: Final = "bulk"  # what is kept of a bulk enqueue as a whole; its answer is remembered batch by batch


class Markers:
    """One answer a key, kept as long as the marker says."""

    def __init__(self, client: Client, keys: Keys) -> None:
        self._client = client
        self._keys = keys

    def keep(self, marker: Marker, value: str) -> str:
        """The value that was kept first for this marker: `value`, unless there was one before.

        Raises IdempotencyKeyReused when the key was used for another body.
        """
        return _kept(self._client.run("mark", *self._arguments(marker, value)))

    def keep_all(self, markers: Sequence[Marker], value: str) -> list[str]:
        """Do what `keep` does for several markers, in one round trip."""
        replies = self._client.run_all([("mark", *self._arguments(each, value)) for each in markers])
        return [_kept(reply) for reply in replies]

    def find(self, marker: Marker) -> str | None:
        """The value that is kept for this marker; None without one."""
        packed = self._client.call("GET", self._keys.idempotency(marker.key))
        try:
            return msgspec.msgpack.decode(packed or b"", type=tuple[str, str])[1]
        except msgspec.MsgspecError:
            return None

    def drop(self, marker: Marker) -> None:
        """Forget a request that came to nothing, so that its key can be used again."""
        self._client.call("DEL", self._keys.idempotency(marker.key))

    def shorten(self, markers: Sequence[Marker], seconds: int) -> None:
        """Keep these for so many seconds more, and no longer than they would have been."""
        if markers:
            keys = [self._keys.idempotency(each.key) for each in markers]
            self._client.pipeline([("PEXPIRE", key, seconds * 1000, "LT") for key in keys])

    def _arguments(self, marker: Marker, value: str) -> tuple[tuple[str], tuple[Arg, ...]]:
        return (self._keys.idempotency(marker.key),), (marker.body, value, marker.seconds * 1000)


def _kept(reply: Any) -> str:
    if reply == -1:
        raise IdempotencyKeyReused("the Idempotency-Key was used for another body")
    return str(reply, "utf-8")
