"""Connections whose server is looked for anew each time: to a primary that may be another one tomorrow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import redis
from redis.backoff import NoBackoff
from redis.connection import SSLConnection
from redis.retry import Retry

ASK_SECONDS: Final = 0.2  # for which one that tells of the primary is waited for before the next is asked
Find = Callable[[], tuple[str, int]]  # the (host, port) of the primary now; raises what redis-py raises


def options(timeout: float, password: str | None = None) -> dict[str, Any]:
    """Of any connection: `timeout` in seconds bounds connecting and each answer, and nothing is repeated."""
    return credentials(password) | {
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "retry": Retry(NoBackoff(), 0),  # the library's own retries are off
        "protocol": 2,
    }


def credentials(password: str | None) -> dict[str, Any]:
    """The password as an option of a connection, if there is one."""
    return {"password": password} if password else {}


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

    def redirected(self, host: str, port: int) -> None:
        """Have whoever looks for the primary next ask there first: others may hear of a change seconds later."""
        redirected = getattr(self._find, "redirected", None)
        if host and redirected:
            redirected(host, port)


class PlacedByTls(Placed, SSLConnection):
    """The same by TLS."""
