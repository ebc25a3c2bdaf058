"""The process of one simulation: `python -m scaling.simulating.child`, with a `Wanted` on its standard input.

It talks to nobody but the process that started it, gives way to everything else on the machine, and ends with that one.
"""

from __future__ import annotations

import os
import resource
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
    bound_memory(wanted.memory)
    voice.say(_carried_out(wanted, voice))


def bound_memory(size: int) -> None:
    """Let this process have so many bytes of data; beyond them Python raises MemoryError."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    soft = size if hard == resource.RLIM_INFINITY else min(size, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _carried_out(wanted: Wanted, voice: Voice) -> Said:
    """What came of it, once the memory that it took is free."""
    try:
        found = compare(wanted.trace, wanted.policies(), wanted.conditions, voice.progress, wanted.model)
        return Said(progress=1.0, result=msgspec.Raw(msgspec.json.encode(found.wire())))
    except (UnknownStrategyError, ArithmeticError, ValueError) as error:
        return Said(failed=str(error))
    except MemoryError:
        most = f"{wanted.memory >> 20:,} MiB"
        return Said(failed=f"It needs more than {most} of memory. Try fewer days or a smaller load.")


def _end_with_the_other() -> None:
    while os.read(0, 1024):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
