"""What one viewer is still to be told: never more than the latest of each topic, and two frames on their way."""

from __future__ import annotations

import math
from collections import deque
from typing import Final

from .frames import frame
from .topics import Topic

MOST_IN_FLIGHT: Final = 2
ACK_SECONDS: Final = 10.0


class Outbox:
    """Frames of one viewer. Instants are of the monotonic clock, in seconds."""

    def __init__(self) -> None:
        self.topics: frozenset[Topic] = frozenset()
        self.rate_seconds = 0.0
        self._waiting: dict[Topic, str] = {}  # in the order in which they go out; what is newer takes the place
        self._in_flight: deque[tuple[int, float]] = deque()
        self._sent_at: dict[Topic, float] = {}
        self._seq = 0

    def subscribe(self, topics: frozenset[Topic], rate_seconds: float) -> None:
        """Take these topics from now on, in frames that are at least so far apart."""
        self.topics, self.rate_seconds = topics, rate_seconds
        self._waiting = {topic: text for topic, text in self._waiting.items() if self._wants(topic)}

    def offer(self, topic: Topic, text: str) -> bool:
        """Put the data of a topic in line, in place of what waits of it. False where nobody wants it."""
        if not self._wants(topic):
            return False
        self._waiting[topic] = text
        return True

    def next_frame(self, now: float) -> str | None:
        """The frame to send now, if any; it counts as on its way."""
        if len(self._in_flight) >= MOST_IN_FLIGHT:
            return None
        topic = next((topic for topic in self._waiting if self._due(topic) <= now), None)
        if topic is None:
            return None
        self._seq += 1
        self._in_flight.append((self._seq, now))
        self._sent_at[topic] = now
        return frame(self._seq, topic, self._waiting.pop(topic))

    def ack(self, seq: int) -> bool:
        """Frames up to `seq` have arrived. False where that says nothing new, or was never sent."""
        if seq > self._seq or not self._in_flight or seq < self._in_flight[0][0]:
            return False
        while self._in_flight and self._in_flight[0][0] <= seq:
            self._in_flight.popleft()
        return True

    def is_overdue(self, now: float) -> bool:
        """True when an ack has not come in time."""
        return bool(self._in_flight) and now - self._in_flight[0][1] >= ACK_SECONDS

    def next_look(self, now: float) -> float:
        """In how many seconds there is something to do, if nothing happens before; infinite for never."""
        due = self._in_flight[0][1] + ACK_SECONDS if self._in_flight else math.inf
        if len(self._in_flight) < MOST_IN_FLIGHT:
            due = min([due, *map(self._due, self._waiting)])
        return max(0.0, due - now)

    def _wants(self, topic: Topic) -> bool:
        return topic is Topic.STORE or topic in self.topics

    def _due(self, topic: Topic) -> float:
        if topic is Topic.STORE:
            return -math.inf
        return self._sent_at.get(topic, -math.inf) + self.rate_seconds
