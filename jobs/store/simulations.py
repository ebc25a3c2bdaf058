"""Simulations of scaling: few at once in the whole installation, the last ones remembered for a day."""

from __future__ import annotations

import secrets
from typing import Final

import msgspec

from .client import Client
from .keys import Keys
from .reader import Reader
from .simulation import Simulation, SimulationStatus

AT_ONCE: Final = 2
MOST_KEPT: Final = 10
MOST_RESULT: Final = 1 << 20  # bytes
KEPT_MS: Final = 86_400_000
BELIEVED_MS: Final = 15_000  # that a simulation of which nothing is heard is believed to run
VANISHED: Final = "The process that ran it is gone."


class Simulations:
    """Ten at most, with results of a MiB each. Whoever runs one says so every few seconds. Raises StoreError."""

    def __init__(self, client: Client, keys: Keys, reader: Reader) -> None:
        self._client = client
        self._keys = keys.simulations
        self._reader = reader

    def new_id(self) -> tuple[str, int]:
        """An id for `open`, and the store's time (ms); ids sort by time."""
        now_ms = self._reader.now_ms()
        return f"{now_ms:013d}{secrets.token_hex(4)}", now_ms

    def open(self, made: Simulation) -> bool:
        """Keep a new one that starts now. False where as many run as may."""
        head = (made.created, made.id, _encode(made), made.created + BELIEVED_MS)
        return bool(self._client.run("simulation_open", self._keys, (*head, AT_ONCE, MOST_KEPT, KEPT_MS)))

    def has_room(self) -> bool:
        """Whether another may run now; `open` has the last word."""
        return int(self._client.call("ZCOUNT", self._keys[1], f"({self._reader.now_ms()}", "+inf")) < AT_ONCE

    def save(self, told: Simulation, result: bytes = b"") -> bool:
        """Keep how far it is; `result`, 1 MiB at most, is opaque. False where it was over before: it is to end."""
        is_over = told.status is not SimulationStatus.RUNNING
        until = 0 if is_over else self._reader.now_ms() + BELIEVED_MS
        return bool(self._client.run("simulation_save", self._keys, (told.id, _encode(told), result, until)))

    def get(self, simulation_id: str) -> Simulation | None:
        """One simulation; None when it is unknown, forgotten or cannot be decoded. One of which nothing is heard any
        more has failed."""
        simulations, running = self._keys
        packed, until = self._client.pipeline(
            [("HGET", simulations, simulation_id), ("ZSCORE", running, simulation_id)]
        )
        found = _decode(packed)
        return _believed(found, until, self._reader.now_ms())

    def latest(self) -> list[tuple[str, Simulation | None]]:
        """All that are remembered with their ids, newest first; None for what `get` says None of."""
        simulations, running = self._keys
        fields = self._client.call("HKEYS", simulations)
        ids = sorted((field for field in fields if b"#" not in field), reverse=True)[:MOST_KEPT]
        if not ids:
            return []
        marks = [("ZSCORE", running, each) for each in ids]
        packed, *until = self._client.pipeline([("HMGET", simulations, *ids), *marks])
        now_ms = self._reader.now_ms()
        found = [_believed(_decode(one), mark, now_ms) for one, mark in zip(packed, until, strict=True)]
        return [(each.decode(errors="replace"), told) for each, told in zip(ids, found, strict=True)]

    def result(self, simulation_id: str) -> bytes:
        """What came of one; b"" where there is nothing yet."""
        return bytes(self._client.call("HGET", self._keys[0], f"{simulation_id}#result") or b"")


def _believed(found: Simulation | None, until: float | None, now_ms: int) -> Simulation | None:
    """A simulation as it is to be taken: failed, where it ran `until` a time that is over."""
    if found is None or found.status is not SimulationStatus.RUNNING:
        return found
    if until is not None and float(until) > now_ms:
        return found
    return msgspec.structs.replace(found, status=SimulationStatus.FAILED, error=VANISHED)


def _encode(simulation: Simulation) -> bytes:
    return msgspec.json.encode(simulation)


def _decode(packed: bytes | None) -> Simulation | None:
    try:
        return msgspec.json.decode(packed, type=Simulation) if packed else None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
