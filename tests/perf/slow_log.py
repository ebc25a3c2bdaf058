"""Which commands kept the server busy: its slow log, with scripts by their names."""

from __future__ import annotations

import re
from functools import cache
from statistics import median
from typing import Any, Final

import redis

from jobs.store import scripts
from tests.perf.figures import Figure

FROM_US: Final = 2000  # shorter ones are not noted
MOST_MS: Final = 10.0
SHOWN: Final = 3
OWN: Final = re.compile(r":[0-9a-f]{12,}$")  # the part of a key that is one of many


class SlowLog:
    """The slow log of one server, emptied by each look."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        client.config_set("slowlog-log-slower-than", FROM_US)
        client.config_set("slowlog-max-len", 10_000)
        client.slowlog_reset()

    def look(self, section: str) -> list[Figure]:
        """The slowest kinds of commands since the last look, the slowest first; one line where there was none."""
        entries: list[dict[str, Any]] = self._client.slowlog_get(10_000)
        self._client.slowlog_reset()
        kinds: dict[str, list[float]] = {}
        for entry in entries:
            kinds.setdefault(_kind(entry["command"]), []).append(entry["duration"] / 1000)
        worst = sorted(kinds.items(), key=lambda pair: -max(pair[1]))[:SHOWN]
        if not worst:
            return [Figure(section, "slowest command", 0, "ms", MOST_MS, note=f"none above {FROM_US / 1000:.0f} ms")]
        return [
            Figure(section, f"slowest {kind}", max(times), "ms", MOST_MS, note=_spread(times)) for kind, times in worst
        ]


def _spread(times: list[float]) -> str:
    return f"{len(times)} above {FROM_US / 1000:.0f} ms, half of them above {median(times):.1f}"


def _kind(command: bytes) -> str:
    words = command.decode(errors="replace").split(" ")
    if words[0].upper() in {"EVALSHA", "EVALSHA_RO"}:
        return _names().get(words[1], words[1])
    return OWN.sub(":…", " ".join(words[:2]))


@cache
def _names() -> dict[str, str]:
    loaded = (scripts.load(path.stem) for path in scripts.LUA.glob("*.lua"))
    return {script.sha.decode(): f"{script.name}.lua" for script in loaded}
