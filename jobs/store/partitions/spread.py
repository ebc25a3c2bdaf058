"""How a question to an installation becomes questions to its partitions, and their answers become one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeVar, cast

from jobs.errors import StoreError, StoreMisconfigured, StoreUnavailable
from jobs.partitioning import partition_of_id, partition_of_key
from jobs.store.failures import OTHER_PARTITIONS

if TYPE_CHECKING:
    from jobs.store.store import Store

T = TypeVar("T")
K = TypeVar("K")
# The duties that are about jobs: each partition has a leader of its own for them. Others are led at home.
OF_EACH: Final = frozenset({"promoter", "reaper", "pruner", "resumer", "tag-indexer"})


class Spread:
    """The partitions of an installation, in order."""

    def __init__(self, parts: Sequence[Store]) -> None:
        self.parts = tuple(parts)
        self._prefixes = tuple(part.keys.prefix for part in parts)

    @property
    def home(self) -> Store:
        """The partition that has what is known of the installation rather than of jobs."""
        return self.parts[0]

    @cached_property
    def by_client(self) -> tuple[Store, ...]:
        """One partition of each client, in order: those that have a server in common are asked about it once."""
        return tuple({id(part.client): part for part in reversed(self.parts)}.values())[::-1]

    def led_in(self, duty: str) -> tuple[Store, ...]:
        """The partitions in which a duty has a leader."""
        return self.parts if duty in OF_EACH else self.parts[:1]

    def duties_in(self, part: Store, duties: Iterable[str]) -> list[str]:
        """Those of some duties that have a leader in a partition."""
        return [duty for duty in duties if part is self.home or duty in OF_EACH]

    def of(self, job_id: str) -> Store:
        """The partition of a job."""
        return self.parts[partition_of_id(job_id, len(self.parts))]

    def of_key(self, key: str) -> Store:
        """The partition that a key decides on."""
        return self.parts[partition_of_key(key, len(self.parts))]

    def of_index(self, index: str) -> Store:
        """The partition that an index belongs to. Raises ValueError for the name of no index of ours."""
        for part, prefix in zip(self.parts, self._prefixes, strict=True):
            if index.startswith(prefix):
                return part
        raise ValueError(f"{index!r} belongs to no partition")

    def everywhere(self, ask: Callable[[Store], T]) -> list[T]:
        """The answer of each partition. Raises what any of them does."""
        return [answer for part in self.parts for answer in self._asked(part, ask)]

    def of_servers(self, ask: Callable[[Store], T]) -> list[T]:
        """The answer of each server, asked of one of its partitions."""
        return [self.ask(part, ask) for part in self.by_client]

    def by_id(self, ids: Sequence[str], ask: Callable[[Store, list[str]], Sequence[T]]) -> list[T]:
        """One answer for each of some jobs, in their order: `ask` gives as many answers as it gets ids."""
        return self._in_order(ids, self.of, ask)

    def by_index(self, indexes: Sequence[str], ask: Callable[[Store, list[str]], Sequence[T]]) -> list[T]:
        """One answer for each of some indexes, in their order."""
        return self._in_order(indexes, self.of_index, ask)

    def of_ids(self, ids: Iterable[str], ask: Callable[[Store, list[str]], T]) -> list[T]:
        """The answer of each partition that has any of some jobs, about those."""
        return self._of_each(grouped(ids, self.of), ask)

    def of_indexes(self, indexes: Iterable[str], ask: Callable[[Store, list[str]], T]) -> list[T]:
        """The answer of each partition that has any of some indexes, about those."""
        return self._of_each(grouped(indexes, self.of_index), ask)

    def _of_each(self, groups: Mapping[Store, list[str]], ask: Callable[[Store, list[str]], T]) -> list[T]:
        return [
            answer
            for part, some in groups.items()
            for answer in self._asked(part, lambda part, some=some: ask(part, some))  # type: ignore[misc]
        ]

    def _in_order(
        self, items: Sequence[str], place: Callable[[str], Store], ask: Callable[[Store, list[str]], Sequence[T]]
    ) -> list[T]:
        found: dict[int, T] = {}
        for part, places in grouped(range(len(items)), lambda at: place(items[at])).items():
            some = [items[at] for at in places]
            for answers in self._asked(part, lambda part, some=some: ask(part, some)):  # type: ignore[misc]
                found.update(zip(places, answers, strict=True))
        return [cast("T", found.get(at)) for at in range(len(items))]  # None for those that are left out

    def _asked(self, part: Store, ask: Callable[[Store], T]) -> list[T]:
        """The answer of a partition, unless that is left out; see `Rest`."""
        return [self.ask(part, ask)]

    def ask(self, part: Store, ask: Callable[[Store], T]) -> T:
        """The answer of a partition. Where it is away, or refuses us, the error says which one that is."""
        try:
            return ask(part)
        except StoreError as error:
            self.label(part, error)
            raise

    def label(self, part: Store, error: StoreError) -> None:
        """Let the failure of a partition say which one that is, unless what it says holds for all."""
        is_away = isinstance(error, StoreUnavailable | StoreMisconfigured) and error.kind != OTHER_PARTITIONS
        if is_away and error.partition is None:
            error.partition = self.parts.index(part)


def grouped(items: Iterable[K], place: Callable[[K], Store]) -> dict[Store, list[K]]:
    """Items by their partition."""
    groups: dict[Store, list[K]] = {}
    for item in items:
        groups.setdefault(place(item), []).append(item)
    return groups


def by_name(tables: Iterable[Mapping[str, T]]) -> dict[str, list[T]]:
    """What several tables say of each name, in the order in which names are met."""
    found: dict[str, list[T]] = {}
    for table in tables:
        for name, value in table.items():
            found.setdefault(name, []).append(value)
    return found


def summed(tables: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """The sums of counters by name."""
    total: Counter[str] = Counter()
    for table in tables:
        total.update(table)
    return dict(total)
