"""Django's database connections at the borders of jobs: checked, and closed when they are old or broken.

Only threads that have opened a connection pay for it.
"""

from __future__ import annotations

import threading
from typing import Any

from asgiref.sync import sync_to_async
from django.db import close_old_connections, connections
from django.db.backends.signals import connection_created


class Borders:
    """Knows which threads use the database. One a process; `watch` first."""

    def __init__(self) -> None:
        self._here = threading.local()
        self._slots: set[int] = set()
        self._elsewhere = False

    def watch(self) -> None:
        """Notice every connection that is opened from now on."""
        connection_created.connect(self._opened, weak=False)

    def join(self) -> None:
        """The calling thread is one that runs jobs itself and calls `cross`."""
        self._slots.add(threading.get_ident())
        self._here.open = False

    def cross(self) -> None:
        """Between two jobs, in a thread that has joined."""
        if self._here.open:
            close_old_connections()
            self._here.open = _any_open()

    async def cross_async(self) -> None:
        """Between two jobs on the event loop; their connections live in asgiref's thread for synchronous code."""
        if self._elsewhere:
            self._elsewhere = await sync_to_async(_close_old)()

    def _opened(self, **kwargs: Any) -> None:
        if threading.get_ident() in self._slots:
            self._here.open = True
        else:
            self._elsewhere = True


def _close_old() -> bool:
    close_old_connections()
    return _any_open()


def _any_open() -> bool:
    return any(connection.connection is not None for connection in connections.all(initialized_only=True))
