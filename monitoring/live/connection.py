"""One viewer's connection: takes wishes and acks, sends frames no faster than they arrive."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from typing import Final

from jobs.web.asgi import Receive, Send

from .outbox import Outbox
from .topics import Topic
from .wishes import Ack, read

UNREADABLE: Final = 4000
SILENT: Final = 4008
TOO_MANY: Final = 4029
MOST_A_SECOND: Final = 10


class Connection:
    """The WebSocket of a person's session."""

    def __init__(self, session: str, person: str, receive: Receive, send: Send) -> None:
        self.session = session
        self.person = person
        self._receive = receive
        self._send = send
        self._outbox = Outbox()
        self._stirred = asyncio.Event()
        self._code: int | None = None  # to close with
        self._spare, self._spare_at = float(MOST_A_SECOND), time.monotonic()

    @property
    def topics(self) -> frozenset[Topic]:
        """What is wanted."""
        return self._outbox.topics

    @property
    def rate_seconds(self) -> float:
        """The least time between two frames of a topic."""
        return self._outbox.rate_seconds

    def offer(self, topic: Topic, text: str) -> None:
        """Send the data of a topic when its turn comes, unless newer data comes before."""
        if self._outbox.offer(topic, text):
            self._stirred.set()

    def close(self, code: int) -> None:
        """End it soon."""
        self._code = self._code or code
        self._stirred.set()

    async def serve(self, on_wish: Callable[[], None]) -> None:
        """Accept it, and serve until either side ends it. `on_wish` is called when topics or rate have changed."""
        await self._send({"type": "websocket.accept"})
        tasks = [asyncio.create_task(self._take(on_wish)), asyncio.create_task(self._give())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result
        if self._code is not None:
            await self._send({"type": "websocket.close", "code": self._code})

    async def _take(self, on_wish: Callable[[], None]) -> None:
        while (message := await self._receive())["type"] == "websocket.receive":
            heard = read(message.get("text") or "")
            if heard is None:
                self.close(UNREADABLE)
            elif not (isinstance(heard, Ack) and self._outbox.ack(heard.ack)) and not self._has_spare():
                self.close(TOO_MANY)
            elif not isinstance(heard, Ack):
                self._outbox.subscribe(heard.topics, heard.rate / 1000)
                on_wish()
            if self._code is not None:
                return
            self._stirred.set()

    async def _give(self) -> None:
        while self._code is None:
            self._stirred.clear()
            now = time.monotonic()
            if self._outbox.is_overdue(now):
                self.close(SILENT)
                return
            text = self._outbox.next_frame(now)
            if text is not None:
                await self._send({"type": "websocket.send", "text": text})
                continue
            wait = self._outbox.next_look(now)
            try:
                await asyncio.wait_for(self._stirred.wait(), None if wait == math.inf else wait)
            except TimeoutError:
                continue

    def _has_spare(self) -> bool:
        """Whether one more frame may come: ten a second. Acks of what was sent are not counted: we set their number."""
        now = time.monotonic()
        self._spare = min(MOST_A_SECOND, self._spare + (now - self._spare_at) * MOST_A_SECOND)
        self._spare_at = now
        self._spare -= 1
        return self._spare >= 0
