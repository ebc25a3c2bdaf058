"""What people think of error groups: kept beside the groups, so that an error that comes back is known."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from . import codec, tables
from .client import Client
from .keys import Keys
from .reader import Group, Reader

MOST_KEPT: Final = 10_000


class Verdict(StrEnum):
    """What somebody decided about an error."""

    RESOLVED = "resolved"
    IGNORED = "ignored"


class Note(msgspec.Struct, frozen=True, array_like=True):
    """A verdict, when (ms) and by whom it was given, and why."""

    verdict: Verdict
    at: int
    by: str
    reason: str


class Triage:
    """Reads and writes notes on error groups."""

    def __init__(self, client: Client, keys: Keys, reader: Reader) -> None:
        self._client = client
        self._keys = keys
        self._reader = reader

    def note(
        self, fingerprint: str, verdict: Verdict | None, by: str = "", reason: str = "", *, known: bool = False
    ) -> bool:
        """Note a verdict; None opens the group again. False where there is neither such a group nor a note on one.

        `known`: there is such a group elsewhere.
        """
        now_ms = self._reader.now_ms()
        packed = b"" if verdict is None else codec.pack(Note(verdict, now_ms, by, reason))
        keys = (self._keys.dlq_groups, *self._keys.triage)
        return bool(self._client.run("triage", keys, (fingerprint, packed, now_ms, MOST_KEPT, int(known))) == 1)

    def notes(self) -> dict[str, Note]:
        """The notes by fingerprint; those that cannot be decoded are left out."""
        decoded = {}
        for fingerprint, packed in tables.table(self._client.call("HGETALL", self._keys.triage[0])).items():
            try:
                decoded[fingerprint] = msgspec.msgpack.decode(packed, type=Note)
            except msgspec.MsgspecError:
                continue
        return decoded


def standing(group: Group, note: Note | None) -> str:
    """Where a group stands: open, ignored, resolved, or regressed when jobs died of it after it was resolved."""
    if note is None:
        return "open"
    if note.verdict is Verdict.RESOLVED and group.last_seen > note.at:
        return "regressed"
    return note.verdict.value
