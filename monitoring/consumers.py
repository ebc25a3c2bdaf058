"""/ws/live: a WebSocket that tells a page what changes."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from contextlib import suppress
from functools import cached_property, partial
from typing import Final

from jobs.api.gateway import get_gateway
from jobs.conf import Config, get_config
from jobs.store.partitions.rest import of_the_rest
from jobs.web.asgi import Application, Receive, Scope, Send

from .broadcaster import Broadcaster
from .live import revocation
from .live.connection import Connection
from .live.frames import Told
from .live.listener import Listener
from .live.origin import is_ours
from .live.topics import Topic
from .live.visitors import session_key, viewer_of
from .live.watch import Watch
from .snapshot import Snapshot

PATH: Final = "/ws/live"


class Live:
    """An ASGI application in front of another one for WebSockets: answers at /ws/live.

    Who may not look is refused before the connection is accepted: another page's script, somebody without a session or
    without the right, and who has too many open.
    """

    def __init__(self, otherwise: Application) -> None:
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, to its end."""
        if scope["path"] != PATH:
            await self._otherwise(scope, receive, send)
            return
        await receive()  # the handshake
        key = session_key(scope)
        viewer = await viewer_of(key) if is_ours(scope) else None
        if viewer is None or not self._hub.watch.has_room(viewer.id):
            await send({"type": "websocket.close"})
            return
        await self._hub.serve(Connection(key, viewer.id, receive, send))

    @cached_property
    def _hub(self) -> Hub:
        return Hub(get_config())


class Hub:
    """What the live connections of one process have in common. It sleeps while there are none."""

    def __init__(self, config: Config) -> None:
        self.watch = Watch(config.live_check_seconds, config.live_sockets, config.live_sockets_per_user)
        self._loop = asyncio.get_running_loop()
        self._listener = Listener(config, self._hear)
        self._snapshot = Snapshot(config)
        self._broadcaster = Broadcaster(self._look, on_return=self._listener.restart)
        self._checks: set[asyncio.Task[None]] = set()
        revocation.listen(self._hear_in_any_thread)

    async def serve(self, connection: Connection) -> None:
        """Accept a connection and serve it to its end."""
        self.watch.add(connection)
        try:
            self._listener.start()
            self._broadcaster.join(connection)
            await connection.serve(on_wish=partial(self._broadcaster.resubscribed, connection))
        finally:
            self._broadcaster.leave(connection)
            self.watch.remove(connection)
            if not len(self.watch):
                self._listener.stop()

    async def _look(self, topics: Collection[Topic]) -> Mapping[Topic, Told]:
        return await get_gateway().run(of_the_rest(lambda store: self._snapshot.look(store, topics)))

    def _hear_in_any_thread(self, news: revocation.News) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody looks any more
            self._loop.call_soon_threadsafe(self._hear, news)

    def _hear(self, news: revocation.News) -> None:
        if "session" in news:
            self.watch.end_session(news["session"])
        else:
            check = self._loop.create_task(self.watch.check(news.get("person")))
            self._checks.add(check)
            check.add_done_callback(self._checks.discard)
