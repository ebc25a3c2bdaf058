"""The process of one simulation: `python -m scaling.simulating.child`, with a `Wanted` on its standard input.

It talks to nobody but the process that started it, gives way to everything else on the machine, and ends with that one.
"""

from __future__ import annotations

import os
import sys
import threading
from time import monotonic
from typing import BinaryIO, Final

import django
import msgspec

from scaling.errors import UnknownStrategyError
from scaling.simulator.comparison import compare

from .wanted import Said, Wanted

NICE: Final = 10
SAID_EVERY: Final = 0.2  # seconds


class Voice:
    """The pipe to who asked, which is standard output no more: whatever a strategy prints goes to standard error."""

    def __init__(self) -> None:
        self._out: BinaryIO = os.fdopen(os.dup(1), "wb")
        self._said = float("-inf")
        os.dup2(2, 1)

    def progress(self, share: float) -> None:
        """So much is done, 0 to 1."""
        if monotonic() - self._said >= SAID_EVERY:
            self.say(Said(progress=share))

    def say(self, said: Said) -> None:
        """Write a line."""
        self._said = monotonic()
        self._out.write(msgspec.json.encode(said) + b"\n")
        self._out.flush()


def main() -> None:
    """Simulate once."""
    voice = Voice()
    os.nice(NICE)
    wanted = msgspec.json.decode(sys.stdin.buffer.readline(), type=Wanted)
    threading.Thread(target=_end_with_the_other, daemon=True).start()
    django.setup()  # strategies may be a project's own
    try:
        found = compare(wanted.trace, wanted.policies(), wanted.conditions, voice.progress, wanted.model)
    except (UnknownStrategyError, ArithmeticError, ValueError) as error:
        voice.say(Said(failed=str(error)))
    else:
        voice.say(Said(progress=1.0, result=msgspec.Raw(msgspec.json.encode(found.wire()))))


def _end_with_the_other() -> None:
    while os.read(0, 1024):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
