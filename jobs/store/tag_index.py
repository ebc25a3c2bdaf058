"""The index of tags, which an installation may have: how far back it reaches, and what its leader does to it.

That it is kept, and from which stamp of creation on it is whole, is written in the store, so that all processes act
alike whatever their own settings are. The leader of the duty `tag-indexer` begins it, fills it and ends it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from . import codec, tables
from .client import Client
from .fencing import fenced
from .keys import Keys

Entered = tuple[str, int, tuple[str, ...]]  # id, version of the envelope that was read, its tags
MAX_BATCH = 250


class TagIndex:
    """One sorted set a tag, by stamp of creation. Writes take the leader's fencing token and raise NotLeading."""

    def __init__(self, client: Client, keys: Keys) -> None:
        self._client = client
        self._keys = keys

    def since(self) -> int | None:
        """The stamp of creation from which on every job with tags is in the index; 0 for all; None: it is not kept."""
        kept = self._client.call("GET", self._keys.tag_index)
        return tables.number(kept) if kept and tables.is_number(kept) else None

    def covers(self, created_after: int | None) -> bool:
        """Whether all jobs with tags are in the index that were made at this instant (ms) or later; None: at all."""
        since = self.since()
        return since is not None and since <= max(0, created_after or 0) * 1000

    def indexes(self, tags: Iterable[str]) -> list[str]:
        """The keys of the indexes of some tags. A job stands in each of its tags' with the same score."""
        return [self._keys.tagged(tag) for tag in dict.fromkeys(tags)]

    def indexes_of(self, job_id: str, tags: Iterable[str]) -> list[str]:
        """The keys of the indexes in which a job with some tags stands."""
        return self.indexes(tags)

    def begin(self, duty: str, token: str) -> int:
        """Let it be kept from now on, unless it is; the stamp from which on it is whole."""
        return int(self._led("tags_begin", (), duty, token))

    def end(self, duty: str, token: str) -> bool:
        """Let it be kept no longer; False when it was not. Its entries go with their jobs."""
        return self._led("tags_end", (), duty, token) == 1

    def fill(self, duty: str, token: str, since: int, reached: int, items: Sequence[Entered]) -> bool:
        """Enter at most 250 earlier jobs: all with tags that were made from `reached` on and before `since`.

        False when somebody has begun it anew meanwhile: nothing was written.
        """
        return self._led("tags_fill", (since, reached, codec.pack(items)), duty, token) == 1

    def _led(self, name: str, args: tuple[int | bytes, ...], duty: str, token: str) -> int:
        keys = self._keys
        ring = (*keys.core, keys.leader(duty), keys.tag_index, keys.tagged(""))
        return int(fenced(self._client.run(name, ring, (0, token, *args))))
