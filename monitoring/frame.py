"""What the frame of every page says: how the installation is, and how many jobs are dead."""

from __future__ import annotations

import time
from typing import Final

import msgspec
from asgiref.sync import sync_to_async

from jobs.api.gateway import get_gateway
from jobs.errors import ConfigError, StoreError
from jobs.store.partitions.rest import of_the_rest

from .breaker_words import why_away
from .look import Look, look_at
from .outbox_words import accepting, look

FRESH_SECONDS: Final = 2.0


class Frame(msgspec.Struct, frozen=True):
    """`health` is that of /health, or `unknown` before the first look. `dead` None: not known. `left_out`: partitions
    that are away, without which lists and figures are."""

    health: str = "unknown"
    sentence: str = ""
    dead: int | None = None
    left_out: tuple[int, ...] = ()

    @classmethod
    def of(cls, look: Look) -> Frame:
        """What a look at the store says."""
        return cls(look.headline.health, look.headline.sentence, look.figures.states["dead"], look.left_out)


AWAY: Final = Frame("unhealthy", "The store cannot answer.")
UNKNOWN: Final = Frame()


async def away_frame(error: Exception | None = None, *, counted: bool = True) -> Frame:
    """What is said while the store cannot answer, as `error` says; `counted` False: without figures, for what is not
    said anew whenever they change."""
    return await sync_to_async(_away)(error, counted)


def _away(error: Exception | None = None, counted: bool = True) -> Frame:
    said = why_away(error)
    try:
        config = get_gateway().config
    except ConfigError:
        return AWAY
    if words := accepting(config, look(config)):
        return Frame("degraded", f"{said}; {words if counted else 'jobs are accepted'}.")
    return Frame("unhealthy", f"{said}.")


class _Latest:
    """The last frame of this process and when it was true."""

    def __init__(self) -> None:
        self.frame = UNKNOWN
        self.until = float("-inf")


_latest = _Latest()


async def fresh_frame() -> Frame:
    """The frame as it is now, at most 2 s old. Never raises: a store that is away is what it says."""
    if time.monotonic() >= _latest.until:
        try:
            keep(Frame.of(await get_gateway().run(of_the_rest(look_at))))
        except (StoreError, ConfigError) as error:
            keep(await away_frame(error), seconds=0)
    return _latest.frame


def keep(frame: Frame, seconds: float = FRESH_SECONDS) -> None:
    """Let pages show this for so long: for those who have just looked anyway."""
    _latest.frame, _latest.until = frame, time.monotonic() + seconds
