"""Times in addresses: exact ones, and ones that move along with now, as `-1h`."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from jobs.clock import isoformat, to_instant_ms

UNITS: Final = {"m": (60_000, "min"), "h": (3_600_000, "h"), "d": (86_400_000, "d")}
READY: Final = (("-5m", "last 5 min"), ("-1h", "last hour"), ("-24h", "last 24 h"), ("-7d", "last 7 days"))
_RELATIVE: Final = re.compile(r"-([0-9]{1,4})([mhd])\Z", re.ASCII)


def exact(said: str) -> str:
    """A time as a form or a person says it, in the wire's form: UTC where it names no zone. Other texts as they are."""
    try:
        moment = datetime.fromisoformat(said)
        return isoformat(to_instant_ms(moment if moment.tzinfo else moment.replace(tzinfo=UTC)))
    except (ValueError, OverflowError, OSError):
        return said


def instant_of(said: str, now_ms: int) -> str:
    """The exact time that a text means at an instant: `-1h` is an hour before it; any other text as it is."""
    relative = _RELATIVE.match(said)
    if relative is None:
        return said
    return isoformat(max(0, now_ms - int(relative[1]) * UNITS[relative[2]][0]))


def told(said: str) -> str:
    """A time that moves, in words: "24 h ago"; nothing for others."""
    relative = _RELATIVE.match(said)
    return f"{int(relative[1])} {UNITS[relative[2]][1]} ago" if relative else ""
