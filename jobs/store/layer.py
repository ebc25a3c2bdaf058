"""Where web processes tell each other things: the channel layer on the store's server."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from redis.asyncio.connection import Connection, SSLConnection

from jobs.conf import Config

from .connecting import address_of, finders
from .keys import tagged
from .placed import Find, credentials


def channel_host(config: Config, url: str | None) -> dict[str, Any] | None:
    """The place of the first partition as a host of channels_redis; None where no server is known.

    `url`: of the server, unless sentinels or nodes of a cluster tell. In a cluster it is the partition's node too: what
    is published there is heard on all of them.
    """
    [find] = finders(config, [tagged(config.prefix, 0)])
    password = credentials(config.redis_password)
    if find is not None:
        own, is_tls = address_of(url)
        return password | own | {"find": find, "connection_class": _PlacedByTls if is_tls else _Placed}
    return password | {"address": url} if url else None


class _Placed(Connection):
    """As `placed.Placed`, on an event loop: the asking goes on in a thread."""

    def __init__(self, *, find: Find, **options: Any) -> None:
        self._find: Final = find
        super().__init__(**options)

    async def connect(self) -> None:
        if not self.is_connected:
            self.host, self.port = await asyncio.to_thread(self._find)
            await super().connect()  # type: ignore[no-untyped-call]


class _PlacedByTls(_Placed, SSLConnection):
    pass
