"""Which failures of the store mean that it is away, and with which ones the outbox takes its place."""

from __future__ import annotations

from typing import Final

from jobs.conf import Config
from jobs.errors import NotReplicated, StoreError, StoreMisconfigured, StoreUnavailable
from jobs.store.failures import is_ours

_OUTBOX: Final = frozenset({"outbox_full", "outbox_away"})  # what the outbox itself says


def is_bound(error: StoreError) -> bool:
    """Whether a bound of this process, or of the outbox, was met, which says nothing of the store."""
    return error.kind in _OUTBOX or is_ours(error)


def is_away(error: Exception) -> bool:
    """Whether it takes no jobs until something changes with it: it does not answer, or refuses everybody's."""
    return isinstance(error, StoreUnavailable | StoreMisconfigured) and not is_bound(error)


def puts_down(config: Config, error: Exception) -> bool:
    """Whether a job that met this failure goes into the outbox: not one that was made, and that replicas lack.

    Nothing that a store says instead of an answer is the fault of the job, as far as anybody knows.
    """
    return (
        config.outbox and isinstance(error, StoreError) and not is_bound(error) and not isinstance(error, NotReplicated)
    )


def closed(error: Exception, *, may_be_done: bool = False) -> StoreError:
    """What is raised when the database cannot take a job either, or may have taken it."""
    failure = StoreUnavailable(f"the store is away, and the outbox cannot be written: {error}", "outbox_away")
    failure.may_be_done = may_be_done
    return failure
