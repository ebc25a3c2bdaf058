"""A simulation of a pool's scaling: who asked for it, how far it is, and what became of it."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class SimulationStatus(StrEnum):
    """How far a simulation is; the values are the words of the API."""

    RUNNING = "running"
    DONE = "done"
    ABORTED = "aborted"
    FAILED = "failed"


class Simulation(msgspec.Struct, frozen=True, kw_only=True):
    """One simulation as the store keeps it. Instants are ms of server time, `progress` is the share done, 0 to 1.

    `source` says for people what is replayed, `note` what had to be mended in it, `conditions` (JSON, opaque here)
    under what. `error` is why it failed.
    """

    id: str
    pool: str
    source: str
    note: str = ""
    strategies: tuple[str, ...]
    conditions: msgspec.Raw = msgspec.Raw(b"{}")
    started_by: str
    created: int
    status: SimulationStatus = SimulationStatus.RUNNING
    progress: float = 0.0
    finished: int = 0
    error: str = ""
