"""A supervisor's voice in the store: it joins its pool, learns its share, and settles the workers it has lost."""

from __future__ import annotations

from typing import Final

from jobs.sharing import share
from jobs.store.store import Store

from .duty import Duty, Result
from .mailbox import Mailbox
from .settling import Settling

NAME: Final = "pool"


class PoolMember(Duty):
    """Not a leader's duty: each supervisor's maintenance does it for its own.

    `limits` are how many workers the supervisor keeps whatever is desired and how many it can run, `queues` what they
    serve. While nobody has said how many the pool should have, it is told nothing and stays with its own minimum.
    Where there are several partitions, others settle in each.
    """

    def __init__(
        self,
        store: Store,
        mailbox: Mailbox,
        pool: str,
        supervisor: str,
        limits: tuple[int, int],
        queues: tuple[str, ...] = (),
    ) -> None:
        self._store = store
        self._mailbox = mailbox
        self._pool = pool
        self._supervisor = supervisor
        self._least, self._most = limits
        self._queues = queues
        self._settling = Settling(store, mailbox) if len(store.parts) == 1 else None

    def run_once(self) -> Result:
        """Say that the supervisor lives, pass its share on, settle what was reported."""
        view = self._store.registry.join_pool(self._pool, self._supervisor, self._most, self._least, self._queues)
        if view.desired is not None:
            self._mailbox.desire(share(view.desired, view.supervisors, self._supervisor))
        return self._settling.run_once() if self._settling else Result()

    def leave(self) -> None:
        """The supervisor goes: the others share its workers. Raises StoreError."""
        self._store.registry.leave_pool(self._pool, self._supervisor)

    def close(self) -> None:
        """Drop the connection for settling."""
        if self._settling:
            self._settling.close()
