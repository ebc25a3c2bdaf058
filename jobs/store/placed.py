"""Connections whose server is looked for anew each time: to a primary that may be another one tomorrow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import redis
from redis.connection import SSLConnection

Find = Callable[[], tuple[str, int]]  # the (host, port) of the primary now; raises what redis-py raises


class Placed(redis.Connection):
    """A connection to whatever `find` names when it is made."""

    def __init__(self, *, find: Find, **options: Any) -> None:
        self._find = find
        super().__init__(**options)  # type: ignore[no-untyped-call]

    def connect(self) -> None:
        """Ask, and connect there."""
        if self._sock is None:
            self.host, self.port = self._find()
            super().connect()  # type: ignore[no-untyped-call]


class PlacedByTls(Placed, SSLConnection):
    """The same by TLS."""
