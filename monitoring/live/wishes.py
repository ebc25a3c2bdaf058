"""What a viewer may say."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from .topics import WANTED, Topic

SLOWEST_MS: Final = 60_000
MOST_TOPICS: Final = 32


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The topics to be told of, at most every `rate` ms. Topics that are not known here are left out."""

    subscribe: Annotated[list[str], msgspec.Meta(max_length=MOST_TOPICS)]
    rate: Annotated[int, msgspec.Meta(ge=0, le=SLOWEST_MS)] = 0

    @property
    def topics(self) -> frozenset[Topic]:
        """Those that exist: a page may be newer than this process."""
        return frozenset(topic for topic in WANTED if topic.value in self.subscribe)


class Ack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Frames up to this one have arrived."""

    ack: Annotated[int, msgspec.Meta(ge=1)]


_wish: Final = msgspec.json.Decoder(Wish)
_ack: Final = msgspec.json.Decoder(Ack)


def read(text: str) -> Wish | Ack | None:
    """A frame of a viewer; None for anything else."""
    decoder: msgspec.json.Decoder[Wish] | msgspec.json.Decoder[Ack]
    for decoder in (_ack, _wish):
        try:
            return decoder.decode(text)
        except (msgspec.MsgspecError, RecursionError, UnicodeError):
            continue
    return None
