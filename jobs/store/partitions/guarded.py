"""A client that makes sure, before its first call, that its process knows how many partitions there are.

Each partition keeps their number. Who takes it for another one would look for jobs, and put them, where nobody else
does.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from jobs.errors import StoreError
from jobs.store import tables
from jobs.store.client import Client
from jobs.store.failures import other_partitions
from jobs.store.keys import Keys, tagged

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
    """A client for some of the partitions. Its calls raise StoreMisconfigured while the store is not as `expected`.

    Its channels are not looked at: who has one of its own calls the client as well.
    """

    def __init__(self, url: str | None, *, expected: Expected, **options: Any) -> None:
        super().__init__(url, **options)
        self._expected = expected

    def _borrowed(self, method: str, *args: Any) -> Any:
        self._make_sure()
        self._borrowed = super()._borrowed  # type: ignore[method-assign]  # later calls cost nothing more
        return self._borrowed(method, *args)

    def _make_sure(self) -> None:
        """Compare, and keep the number where there is none. Raises StoreMisconfigured."""
        expected = self._expected
        if not expected.own:
            self._compare(self._kept_elsewhere())
            return
        kept = {number: self._ask("GET", self._name(number)) for number in expected.own}
        for found in kept.values():
            self._compare(found)
        for number in expected.elsewhere:
            if self._ask("EXISTS", self._name(number)):
                mine = ", ".join(map(str, expected.own))
                raise other_partitions(
                    f"a server that QUEUEFLOW_PARTITIONS names for partition {mine} is that of partition {number}: "
                    "name them in the order that they had"
                )
        for number, found in kept.items():
            if found is None:
                self._keep(self._name(number))

    def _kept_elsewhere(self) -> bytes | None:
        """The number that a first partition keeps, where our jobs are not spread."""
        try:
            found: bytes | None = self._ask("GET", self._name(0))
        except StoreError as error:
            if error.kind == "no_permission":  # where only keys without tags may be looked at there are no others
                return None
            raise
        return found

    def _keep(self, name: str) -> None:
        expected = self._expected
        if expected.spread and self._ask("EXISTS", Keys(expected.prefix).created):
            raise other_partitions(
                f"QUEUEFLOW_PARTITIONS asks for {named(expected.count)}, but this store has jobs that are not spread: "
                f"unset it, {ADVICE}"
            )
        self._ask("SET", name, expected.count, "NX")
        self._compare(self._ask("GET", name))

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

    def _ask(self, *command: str | int) -> Any:
        return super()._borrowed("call", *command)


def forget_count(client: Client, keys: Keys) -> None:
    """Drop the number that a partition keeps."""
    client.call("DEL", keys.partitions)


def named(count: int) -> str:
    """So many partitions, in words."""
    return f"{count} partition{'' if count == 1 else 's'}"
