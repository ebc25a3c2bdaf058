"""Strategies that take their time where a test wants them to."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from scaling.proposal import Proposal

PLACE: Final = "STALL_AT"
STALL, ENTERED = "stall", "entered"
SECONDS: Final = 1.8  # less than a strategy may take
HELD: Final = threading.Event()  # set when what is held may go on


class Stalls:
    """Two workers while jobs wait, one else. While there is a file `stall`, it says so in another and dawdles."""

    name = title = about = "stalls"
    parameters: ClassVar[Mapping[str, Any]] = {}

    def decide(self, observation, record, policy):
        place = Path(os.environ[PLACE])
        if (place / STALL).exists():
            (place / ENTERED).touch()
            threading.Event().wait(SECONDS)
        return Proposal(2 if observation.waiting else 1, f"{observation.waiting} jobs wait.")


class Late:
    """Is made when `HELD` is set, and decides nothing."""

    name = title = about = "late"
    parameters: ClassVar[Mapping[str, Any]] = {}

    def __init__(self) -> None:
        HELD.wait(30)

    def decide(self, observation, record, policy):
        raise AssertionError
