"""Whether the server keeps what it has: a setting of it may drop jobs, or all of them, without a word."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from jobs.errors import StoreError

from .client import Client

_SETTINGS: Final = ("maxmemory", "maxmemory-policy", "appendonly", "save")
EVICTS_NOTHING: Final = "noeviction"


class Durability(msgspec.Struct, frozen=True):
    """What is known of the server; None: it may not be asked.

    `policy`: of eviction, empty where memory has no limit. `appends`: it keeps an append-only file. `snapshots`: it
    saves from time to time.
    """

    policy: str | None = None
    appends: bool | None = None
    snapshots: bool | None = None

    @property
    def evicts(self) -> bool:
        """Memory has a limit, and jobs are dropped at it."""
        return bool(self.policy) and self.policy != EVICTS_NOTHING

    @property
    def forgets(self) -> bool:
        """Nothing is on disk: jobs are lost at a restart."""
        return self.appends is False and self.snapshots is False

    @property
    def warnings(self) -> list[str]:
        """What an operator should know, in sentences without their full stops."""
        said = []
        if self.evicts:
            said.append(
                f"the server drops keys when its memory is full (maxmemory-policy {self.policy}), jobs among them: "
                f"set it to {EVICTS_NOTHING}"
            )
        if self.forgets:
            said.append("the server keeps nothing on disk: a restart of it loses all jobs; set appendonly to yes")
        elif self.appends is False:
            said.append("the server writes snapshots only: a crash of it loses the jobs since the last one")
        return said


def durability(client: Client) -> Durability:
    """Ask the server. Where its settings may not be asked for, nothing is known. Raises StoreUnavailable."""
    try:
        found = _settings(client)
    except StoreError as error:
        if error.transient:
            raise
        return Durability()
    is_limited = found.get("maxmemory", "0") != "0"
    return Durability(
        policy=found.get("maxmemory-policy", "") if is_limited else "",
        appends=found.get("appendonly") == "yes",
        snapshots=bool(found.get("save", "").strip()),
    )


def _settings(client: Client) -> dict[str, str]:
    """CONFIG GET with one name: servers before 7.0 take no more."""
    found = {}
    replies: list[Any] = client.pipeline([("CONFIG", "GET", name) for name in _SETTINGS])
    for name, reply in zip(_SETTINGS, replies, strict=True):
        if len(reply) == 2:
            found[name] = str(reply[1], "utf-8", "replace")
    return found
