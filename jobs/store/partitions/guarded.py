"""A client that makes sure, on each new connection, that its process knows how many partitions there are.

Each partition keeps their number. Who takes it for another one would look for jobs, and put them, where nobody else
does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from jobs.errors import StoreError
from jobs.store import tables
from jobs.store.channel import FAILURES, Channel
from jobs.store.client import Client
from jobs.store.failures import classify, other_partitions
from jobs.store.keys import Keys, tagged
from jobs.store.packing import Arg

ADVICE: Final = "or empty the installation first, as docs/partitions.md says"


class Expected(msgspec.Struct, frozen=True):
    """What a server is to hold: of `count` partitions those numbered `own`, none where keys carry no tags.

    `elsewhere` are those that it may not hold; `spread`: nor may it hold jobs that are not spread.
    """

    prefix: str
    count: int
    own: tuple[int, ...] = ()
    elsewhere: tuple[int, ...] = ()
    spread: bool = False


class GuardedClient(Client):
    """A client for some of the partitions. What it and its channels are asked raises StoreMisconfigured while the store
    is not as `expected`.

    Each new connection looks, as the server behind it may be another one than before, or have lost what it kept.
    """

    def __init__(self, url: str | None, *, expected: Expected, **options: Any) -> None:
        super().__init__(url, **options)
        self._expected = expected

    def channel(self) -> Channel:
        """A connection of the caller's own, opened at first use. The caller closes it."""
        return _GuardedChannel(self._expected, self._factory, self._timeout, self.breaker)


class _GuardedChannel(Channel):
    def __init__(self, expected: Expected, *args: Any) -> None:
        super().__init__(*args)
        self._expected = expected

    def _send(self, packed: bytes) -> None:
        connection = self._connection
        if connection._sock is None:
            connection.connect()
            try:
                self._make_sure()
            except BaseException as error:
                connection.disconnect()  # the next one looks again
                if isinstance(error, StoreError):
                    self._breaker.succeeded(self._turn)  # it has answered
                raise
        connection.send_packed_command((packed,))

    def _make_sure(self) -> None:
        """Compare, and keep the number where there is none. Raises StoreMisconfigured, and what the library raises."""
        expected = self._expected
        if not expected.own:
            self._compare(self._kept_elsewhere())
            return
        names = [self._name(number) for number in expected.own]
        others = [self._name(number) for number in expected.elsewhere]
        replies = self._ask(*(("GET", name) for name in names), *(("EXISTS", name) for name in others))
        kept, theirs = replies[: len(names)], replies[len(names) :]
        for found in kept:
            self._compare(found)
        for number, is_there in zip(expected.elsewhere, theirs, strict=True):
            if is_there:
                mine = ", ".join(map(str, expected.own))
                raise other_partitions(
                    f"a server that QUEUEFLOW_PARTITIONS names for partition {mine} is that of partition {number}: "
                    "name them in the order that they had"
                )
        for name, found in zip(names, kept, strict=True):
            if found is None:
                self._keep(name)

    def _kept_elsewhere(self) -> bytes | None:
        """The number that a first partition keeps, where our jobs are not spread."""
        try:
            found: bytes | None = self._ask(("GET", self._name(0)))[0]
        except FAILURES as error:
            if classify(error).kind == "no_permission":  # where only keys without tags may be read there are no others
                return None
            raise
        return found

    def _keep(self, name: str) -> None:
        expected = self._expected
        if expected.spread and self._ask(("EXISTS", Keys(expected.prefix).created))[0]:
            raise other_partitions(
                f"QUEUEFLOW_PARTITIONS asks for {named(expected.count)}, but this store has jobs that are not spread: "
                f"unset it, {ADVICE}"
            )
        _, kept = self._ask(("SET", name, expected.count, "NX"), ("GET", name))
        self._compare(kept)

    def _compare(self, found: bytes | None) -> None:
        count = self._expected.count
        if found is None or tables.number(found) == count:
            return
        said = found.decode(errors="replace")
        raise other_partitions(
            f"QUEUEFLOW_PARTITIONS asks for {named(count)}, but the jobs of this store are spread over {said}: "
            f"set it to {said}, {ADVICE}"
        )

    def _name(self, number: int) -> str:
        return Keys(tagged(self._expected.prefix, number)).partitions

    def _ask(self, *commands: Sequence[Arg]) -> list[Any]:
        """The replies to plain commands. Raises the first refusal, after which the connection is of no use."""
        self._connection.send_packed_command(self._connection.pack_commands(commands))
        return [self._connection.read_response() for _ in commands]


def forget_count(client: Client, keys: Keys) -> None:
    """Drop the number that a partition keeps."""
    client.call("DEL", keys.partitions)


def named(count: int) -> str:
    """So many partitions, in words."""
    return f"{count} partition{'' if count == 1 else 's'}"
