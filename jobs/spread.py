"""Over how many partitions the jobs of a store are spread: whether a process knows it, and how they forget it."""

from __future__ import annotations

from contextlib import closing, suppress
from typing import Final

from .conf import Config
from .errors import ConfigError, QueueFlowError, StoreError
from .store.failures import OTHER_PARTITIONS
from .store.partitions.guarded import forget_count
from .store.store import Store

SECONDS: Final = 1.0


def demand_spread(config: Config) -> Config:
    """Ask the store, for a second each of its servers. Raises ConfigError where its jobs are spread otherwise.

    Returns the configuration. A store that does not answer says nothing: whoever works with it asks again.
    """
    with suppress(StoreError), closing(Store.open(config, timeout=SECONDS, most=1)) as store:
        for part in store.servers:
            _demand_spread(part)
    return config


def _demand_spread(part: Store) -> None:
    try:
        part.browser.ping()
    except StoreError as error:
        if error.kind == OTHER_PARTITIONS:
            raise ConfigError(str(error)) from error


class StillHasJobs(QueueFlowError):
    """There are jobs, so that their places must be known."""

    code = "conflict"


def job_counts(store: Store) -> list[int]:
    """How many jobs lie in each partition, finished ones included."""
    return [part.reader.sizes(part.reader.indexes(None)) for part in store.parts]


def forget_spread(store: Store) -> None:
    """Let the store forget how many partitions there are. Raises StillHasJobs."""
    jobs = sum(job_counts(store))
    if jobs:
        there_are = "there is 1 job" if jobs == 1 else f"there are {jobs:,} jobs"
        raise StillHasJobs(f"{there_are}: let those end that wait, and delete those that are over")
    for part in store.parts:
        forget_count(part.client, part.keys)
