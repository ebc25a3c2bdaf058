"""Which failures of the store mean that it is away, so that the outbox takes its place."""

from __future__ import annotations

from typing import Final

from jobs.conf import Config
from jobs.errors import NotReplicated, StoreError, StoreMisconfigured, StoreUnavailable

OF_OUR_OWN: Final = frozenset({"pool", "too_many_files", "outbox_full", "outbox_away"})  # bounds of this process


def is_away(error: Exception) -> bool:
    """Whether it takes no jobs until something changes with it: it does not answer, or refuses everybody's."""
    return isinstance(error, StoreUnavailable | StoreMisconfigured) and error.kind not in OF_OUR_OWN


def puts_down(config: Config, error: Exception) -> bool:
    """Whether a job that met this failure goes into the outbox: not one that was made, and that replicas lack."""
    return config.outbox and is_away(error) and not isinstance(error, NotReplicated)


def closed(error: Exception) -> StoreError:
    """What is raised when the database cannot take a job either."""
    return StoreUnavailable(f"the store is away, and the outbox cannot be written: {error}", "outbox_away")
