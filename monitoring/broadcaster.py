"""Reads the store for all viewers of a web process together, and tells each what has changed."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Final, Protocol

from jobs.errors import ConfigError, StoreError
from jobs.inspection.status import Health

from .breaker_words import why_away
from .frame import AWAY, away_frame
from .live.frames import Away, Status, Told, told
from .live.topics import Topic

logger = logging.getLogger(__name__)

LEAST_SECONDS: Final = 0.25  # between two looks
AWAY_SECONDS: Final = 0.5  # between two looks while the store is away
BUSY: Final = "busy"  # the kind of error when it is this process that has no time

Look = Callable[[Collection[Topic]], Awaitable[Mapping[Topic, Told]]]


class Viewer(Protocol):
    """Who is told. `offer` must not wait; where `told` comes again, what is newer replaces it."""

    @property
    def topics(self) -> frozenset[Topic]:
        """What is wanted."""

    @property
    def rate_seconds(self) -> float:
        """The least time between two frames of a topic."""

    def offer(self, topic: Topic, text: str) -> None:
        """Say something."""


class Broadcaster:
    """Looks by `look` at what somebody has subscribed to, at most four times a second, and not without viewers.

    Everything runs on one event loop. `on_return` is called when the store answers again after it was away.
    """

    def __init__(self, look: Look, on_return: Callable[[], None] = lambda: None) -> None:
        self._look = look
        self._on_return = on_return
        self._viewers: set[Viewer] = set()
        self._told: dict[Topic, Told] = {}
        self._looked: dict[Topic, float] = {}
        self._quiet: set[Topic] = set()
        self._away = ""
        self._why = ""  # as it was said last
        self._frame = AWAY
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def join(self, viewer: Viewer) -> None:
        """Tell a viewer from now on. Call `resubscribed` when what it wants has changed."""
        self._viewers.add(viewer)
        if self._away:
            self._say_away([viewer])
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    def leave(self, viewer: Viewer) -> None:
        """Tell it no more."""
        self._viewers.discard(viewer)
        self._changed.set()

    def resubscribed(self, viewer: Viewer) -> None:
        """Tell it what is known of its topics, and soon the rest."""
        for topic in viewer.topics & self._told.keys():
            viewer.offer(topic, self._told[topic].text)
        self._changed.set()

    async def _run(self) -> None:
        while self._viewers:
            started = time.monotonic()
            due = self._due(started)
            if due:
                await self._tell(due, started)
            pause = AWAY_SECONDS if self._away else LEAST_SECONDS
            await asyncio.sleep(max(0.0, started + pause - time.monotonic()))
            await self._await_due()
        self._told.clear()
        self._looked.clear()

    async def _await_due(self) -> None:
        """Return when a topic is due, or what is wanted has changed."""
        self._changed.clear()
        now = time.monotonic()
        if not self._viewers or self._due(now):
            return
        waits = [self._looked[topic] + self._pace(topic) - now for topic in self._wanted() if topic in self._looked]
        try:
            await asyncio.wait_for(self._changed.wait(), min(waits, default=None))
        except TimeoutError:
            return

    def _wanted(self) -> frozenset[Topic]:
        return frozenset().union(*(viewer.topics for viewer in self._viewers))

    def _due(self, now: float) -> list[Topic]:
        """The topics to look at now. What nobody wants any more is forgotten."""
        wanted = self._wanted()
        for topic in self._told.keys() - wanted:
            del self._told[topic]
        return [
            topic
            for topic in Topic
            if topic in wanted and now - self._looked.get(topic, float("-inf")) >= self._pace(topic)
        ]

    def _pace(self, topic: Topic) -> float:
        """The least time between two looks at a topic; none for one that somebody waits for."""
        if topic not in self._told and not self._away:
            return 0.0
        rates = [viewer.rate_seconds for viewer in self._viewers if topic in viewer.topics]
        pace = topic.quiet_seconds if topic in self._quiet else topic.seconds
        return max(pace, min(rates, default=0.0))

    async def _tell(self, topics: Collection[Topic], now: float) -> None:
        self._looked |= dict.fromkeys(topics, now)
        try:
            found = await self._look(topics)
        except (StoreError, ConfigError) as error:
            if getattr(error, "kind", "") != BUSY:
                await self._is_away(error)
            return
        except Exception:
            logger.exception("live views are not told")
            return
        if self._away:
            self._is_back()
        for topic, what in found.items():
            self._offer(topic, what)

    def _offer(self, topic: Topic, what: Told) -> None:
        before = self._told.get(topic)
        self._told[topic] = what
        is_new = before is None or before.body != what.body
        (self._quiet.discard if is_new else self._quiet.add)(topic)
        if not is_new and topic is not Topic.STATUS:
            return
        for viewer in self._viewers:
            if topic in viewer.topics:
                viewer.offer(topic, what.text)

    async def _is_away(self, error: Exception) -> None:
        """Say so, and again when there is another reason, or the breaker has opened."""
        why = why_away(error)
        if not self._away or why != self._why:
            self._told.clear()
            self._why, self._frame = why, await away_frame(error, counted=False)
            self._away = str(error) or "no answer"
            self._say_away(self._viewers)

    def _say_away(self, viewers: Collection[Viewer]) -> None:
        store = told(Away(away=True, detail=self._away)).text
        health: Health = "degraded" if self._frame.health == "degraded" else "unhealthy"
        status = told(Status(status=health, sentence=self._frame.sentence)).text
        for viewer in viewers:
            viewer.offer(Topic.STORE, store)
            viewer.offer(Topic.STATUS, status)

    def _is_back(self) -> None:
        self._away = ""
        back = told(Away(away=False)).text
        for viewer in self._viewers:
            viewer.offer(Topic.STORE, back)
        self._on_return()
