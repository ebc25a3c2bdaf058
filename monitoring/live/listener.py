"""Hears from other web processes who may look no longer. The loss of the store is no more to it than silence."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from channels_redis.pubsub import RedisPubSubChannelLayer

from jobs.conf import Config

from .revocation import GROUP, News, open_layer

logger = logging.getLogger(__name__)

RETRY_SECONDS: Final = 2.0
LAYER_LOGGER: Final = "channels_redis.pubsub"  # tells every second, with a traceback, that the server is away


class Listener:
    """Calls `hear` with the news of all web processes, this one's own too, while it runs."""

    def __init__(self, config: Config, hear: Callable[[News], None]) -> None:
        self._config = config
        self._hear = hear
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Listen, on the running event loop."""
        if self._task is None:
            logging.getLogger(LAYER_LOGGER).setLevel(logging.CRITICAL)
            self._task = asyncio.create_task(self._run())

    def stop(self) -> None:
        """Listen no more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def restart(self) -> None:
        """Connect anew: the server may have come back at another address."""
        if self._task is not None:
            self.stop()
            self.start()

    async def _run(self) -> None:
        while True:
            try:
                layer = await asyncio.to_thread(open_layer, self._config)
                if layer is not None:
                    await self._receive(layer)
            except Exception as error:  # whatever the layer's client raises
                logger.debug("news of other web processes cannot be heard: %s", error)
            await asyncio.sleep(RETRY_SECONDS)

    async def _receive(self, layer: RedisPubSubChannelLayer) -> None:
        try:
            channel = await layer.new_channel()
            await layer.group_add(GROUP, channel)
            while True:
                self._hear(await layer.receive(channel))
        finally:
            await layer.flush()
