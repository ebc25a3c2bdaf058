"""What happened to each pool, minute by minute, for the last thirty days.

A day (UTC) of a pool is one string with a place of 44 bytes for each of its 1,440 minutes, 63,360 bytes in all; zeroes
are minutes that nobody kept. It goes thirty days after its last minute, so that a pool takes 2 MiB at most.
"""

from __future__ import annotations

from typing import Final

from .client import Client
from .fencing import fenced
from .keys import Keys
from .pool_minute import EMPTY, SIZE, Minute, packed, unpacked

DAYS: Final = 30
MINUTES_A_DAY: Final = 1440
DAY_MS: Final = 86_400_000
DAYS_A_READ: Final = 8


class PoolHistory:
    """Reads and appends. Raises StoreError."""

    def __init__(self, client: Client, keys: Keys) -> None:
        self._client = client
        self._keys = keys

    def keep(self, duty: str, token: str, pool: str, minute: Minute) -> bool:
        """Keeps one minute. False when it is there already: what was kept first stays. Raises NotLeading.

        A clock that is put back so writes over nothing.
        """
        keys = self._keys
        day, place = divmod(minute.start // 60, MINUTES_A_DAY)
        ring = (keys.leader(duty), keys.pool_day(pool, day))
        args = (token, place * SIZE, packed(minute), MINUTES_A_DAY * SIZE, DAYS * DAY_MS)
        return bool(fenced(self._client.run("pool_minute", ring, args)) == 1)

    def minutes(self, pool: str, since: float, until: float) -> list[Minute]:
        """The minutes that begin in [since, until), both s since 1970, oldest first; of at most 31 days, the last ones.

        A minute that nobody kept is left out.
        """
        end = -int(-until // 60)
        first = max(-int(-since // 60), end - (DAYS + 1) * MINUTES_A_DAY, 0)
        found: list[Minute] = []
        days = range(first // MINUTES_A_DAY, -(-end // MINUTES_A_DAY))
        for at in range(0, len(days), DAYS_A_READ):
            found += self._days(pool, days[at : at + DAYS_A_READ], first, end)
        return found

    def _days(self, pool: str, days: range, first: int, end: int) -> list[Minute]:
        edges = []
        for day in days:
            start = day * MINUTES_A_DAY
            edges.append((max(first, start), min(end, start + MINUTES_A_DAY)))
        commands = [
            (
                "GETRANGE",
                self._keys.pool_day(pool, day),
                (low % MINUTES_A_DAY) * SIZE,
                (high - day * MINUTES_A_DAY) * SIZE - 1,
            )
            for day, (low, high) in zip(days, edges, strict=True)
        ]
        found = []
        for (low, _), raw in zip(edges, self._client.pipeline(commands), strict=True):
            records = [raw[at : at + SIZE] for at in range(0, len(raw), SIZE)]
            for number, record in enumerate(records, low):
                if record != EMPTY and (minute := unpacked(number * 60, record)):
                    found.append(minute)
        return found
