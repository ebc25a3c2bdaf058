"""Where a list goes on: opaque to clients, signed, and good for the same filter only."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

import msgspec
from django.utils.crypto import salted_hmac

from jobs.errors import InvalidJob
from jobs.store.reader import Place

SALT: Final = "jobs.inspection.cursor"
MAC_BYTES: Final = 16
MOST_CHARACTERS: Final = 1000


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """The last place looked at, the index it is in, and how many entries were looked at so far."""

    source: str
    score: float
    id: str
    count: int

    @property
    def place(self) -> Place:
        """The place as the reader takes it."""
        return Place(self.score, self.id)


def write_cursor(cursor: Cursor, wanted: msgspec.Struct) -> str:
    """The cursor as text."""
    packed = msgspec.msgpack.encode(cursor)
    return urlsafe_b64encode(_mac(packed, wanted) + packed).decode().rstrip("=")


def read_cursor(text: str, wanted: msgspec.Struct) -> Cursor:
    """The cursor of a text that `write_cursor` made for this filter. Raises InvalidJob for any other."""
    try:
        raw = urlsafe_b64decode(text[:MOST_CHARACTERS].encode("ascii") + b"=" * (-len(text) % 4))
        mac, packed = raw[:MAC_BYTES], raw[MAC_BYTES:]
        if not hmac.compare_digest(mac, _mac(packed, wanted)):
            raise ValueError
        return msgspec.msgpack.decode(packed, type=Cursor)
    except (ValueError, msgspec.MsgspecError) as error:
        raise InvalidJob("cursor", "this cursor is not from here, or from another query") from error


def _mac(packed: bytes, wanted: msgspec.Struct) -> bytes:
    query = msgspec.json.encode(wanted)
    return salted_hmac(SALT, query + b"\0" + packed, algorithm="sha256").digest()[:MAC_BYTES]
