"""What is said of the outbox in health and headlines."""

from __future__ import annotations

from django.db import DatabaseError, InterfaceError

from jobs import outbox
from jobs.conf import Config
from jobs.inspection.status import Part
from jobs.outbox import OutboxView
from jobs.outbox.room import has_room
from jobs.words import lasting, several, size

NAME = "outbox"
LONG_MS = 60_000  # for which an entry may wait before it is worth a word


def look(config: Config) -> OutboxView | None:
    """The outbox at this moment; None where it is off, or the database cannot tell. Not for an event loop."""
    if not config.outbox:
        return None
    try:
        return outbox.view()
    except (DatabaseError, InterfaceError):
        return None


def accepting(config: Config, seen: OutboxView | None) -> str:
    """That jobs are taken in though the store is away, and how many wait; "" where they are not."""
    if seen is None or not has_room(config, seen.held):
        return ""
    return f"jobs are accepted into the outbox, where {waiting(seen)}"


def waiting(seen: OutboxView) -> str:
    """How many entries wait and for how long."""
    if not seen.waiting:
        return "none waits yet"
    words = f"{several(seen.waiting, 'job')} {'waits' if seen.waiting == 1 else 'wait'}"
    return words if seen.oldest_ms < 1000 else f"{words}, the oldest for {lasting(seen.oldest_ms // 1000 * 1000)}"


def part_of(config: Config, seen: OutboxView | None) -> Part:
    """Degraded while an entry waits for long, the store has refused one, or there is no room."""
    if not config.outbox:
        return Part(name=NAME, status="healthy", detail="it is off")
    if seen is None:
        return Part(name=NAME, status="degraded", detail="the outbox cannot be looked at")
    troubles = []
    if not has_room(config, seen.held):
        size_words = f", {size(seen.size)} in all" if seen.waiting < config.outbox_max else ""
        troubles.append(f"the outbox is full: {waiting(seen)}{size_words}")
    elif seen.oldest_ms >= LONG_MS:
        troubles.append(f"in the outbox {waiting(seen)}")
    if seen.refused:
        jobs = f"{several(seen.refused, 'job')} {'is' if seen.refused == 1 else 'are'}"
        troubles.append(f"{jobs} refused, see the outbox")
    return Part(name=NAME, status="degraded" if troubles else "healthy", detail="; ".join(troubles))
