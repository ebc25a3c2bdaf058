"""Whether the server keeps what it has: a setting of it may drop jobs, or all of them, without a word.

CONFIG says it. Where that is forbidden, to a user without administrator's rights or by who hosts it, INFO says most.
"""

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
    saves from time to time, which INFO does not tell.
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
        elif self.appends is False and self.snapshots:
            said.append("the server writes snapshots only: a crash of it loses the jobs since the last one")
        elif self.appends is False:
            said.append(
                "the server keeps no append-only file: a crash of it loses the jobs since its last snapshot, or all of "
                "them where it takes none"
            )
        return said


def durability(client: Client) -> Durability:
    """Ask the server. Where it may not be asked for anything, nothing is known. Raises StoreUnavailable."""
    for ask in (_by_config, _by_info):
        try:
            found = ask(client)
        except StoreError as error:
            if error.transient:
                raise
            continue
        if found is not None:
            return found
    return Durability()


def _by_config(client: Client) -> Durability | None:
    """With one name each: servers before 7.0 take no more. None where it tells nothing."""
    settings: dict[str, str] = {}
    replies: list[Any] = client.pipeline([("CONFIG", "GET", name) for name in _SETTINGS])
    for name, reply in zip(_SETTINGS, replies, strict=True):
        if len(reply) == 2:
            settings[name] = str(reply[1], "utf-8", "replace")
    if "appendonly" not in settings:
        return None
    return Durability(
        policy=_policy(settings.get("maxmemory", "0"), settings.get("maxmemory-policy", "")),
        appends=settings["appendonly"] == "yes",
        snapshots=bool(settings.get("save", "").strip()),
    )


def _by_info(client: Client) -> Durability | None:
    replies: list[Any] = client.pipeline([("INFO", "memory"), ("INFO", "persistence")])
    lines = [line for reply in replies for line in str(reply, "utf-8", "replace").splitlines()]
    figures = dict(line.split(":", 1) for line in lines if ":" in line)
    if "maxmemory" not in figures and "aof_enabled" not in figures:
        return None
    return Durability(
        policy=_policy(figures.get("maxmemory", "0"), figures.get("maxmemory_policy", "")),
        appends=figures["aof_enabled"] == "1" if "aof_enabled" in figures else None,
    )


def _policy(limit: str, policy: str) -> str:
    """What is done at the limit of memory; empty where there is none."""
    return policy if limit != "0" else ""
