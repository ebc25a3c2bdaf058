"""A TCP proxy that a test puts between processes and a server: it delays, cuts, resets, and swallows."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from types import TracebackType
from typing import Final, Self

CHUNK: Final = 65_536
RESET: Final = struct.pack("ii", 1, 0)  # SO_LINGER that makes a close a reset


class Proxy:
    """Listens on a port of its own and passes bytes on to `port`, both on this host, in a thread of its own.

    `delay` in seconds each way. While it is `swallowing`, connections are taken and bytes arrive, and nothing goes on:
    what a partition looks like. While it is `refusing`, new connections are closed at once.
    """

    def __init__(self, port: int) -> None:
        self.delay = 0.0
        self.swallowing = False
        self.refusing = False
        self._to = port
        self._loop = asyncio.new_event_loop()
        self._pairs: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.port = 0

    @property
    def url(self) -> str:
        """Where it listens, as redis-py reads it."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def connections(self) -> int:
        """How many are open through it."""
        return len(self._pairs)

    def cut(self, *, by_reset: bool = False) -> int:
        """Close all connections, or reset them. Returns how many there were."""
        return asyncio.run_coroutine_threadsafe(self._cut(by_reset), self._loop).result(10)

    def heal(self) -> None:
        """Be a good network again. What was swallowed does not come back: its connections are reset."""
        was_swallowing, self.swallowing, self.refusing, self.delay = self.swallowing, False, False, 0.0
        if was_swallowing:
            self.cut(by_reset=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, "127.0.0.1", 0), self._loop
        ).result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _serve(self, near_in: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        if self.refusing:
            near.close()
            return
        try:
            far_in, far = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            near.close()
            return
        pair = (near, far)
        self._pairs.add(pair)
        ways = [asyncio.create_task(self._pass(near_in, far)), asyncio.create_task(self._pass(far_in, near))]
        with contextlib.suppress(asyncio.CancelledError):  # the end of the test
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        self._pairs.discard(pair)
        near.close()
        far.close()

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while chunk := await source.read(CHUNK):
                if self.delay:
                    await self._passed(self.delay)
                if not self.swallowing:
                    target.write(chunk)
                    await target.drain()

    async def _end(self) -> None:
        self._server.close()
        self._loop.set_exception_handler(lambda *_: None)  # streams complain of tasks that are cancelled
        tasks = asyncio.all_tasks(self._loop) - {asyncio.current_task(self._loop)}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _passed(self, seconds: float) -> None:
        over = self._loop.create_future()
        self._loop.call_later(seconds, over.set_result, None)
        await over

    async def _cut(self, by_reset: bool) -> int:
        pairs = list(self._pairs)
        for pair in pairs:
            for writer in pair:
                if by_reset:
                    sock = writer.get_extra_info("socket")
                    with contextlib.suppress(OSError):
                        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                    writer.transport.abort()
                else:
                    writer.close()
        return len(pairs)
