"""All duties that need a leader, as one set of threads: any process may stand for them beside its own work."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from jobs.conf import Config
from jobs.store.partitions.spread import OF_EACH
from jobs.store.store import Store

from . import bulk, durability, history, promoter, pruner, reaper, resumer, tag_indexer, trail_pruner
from .runner import Plan, Runner

# Each has a leader at any time, those of OF_EACH one in each partition.
DUTIES: Final = (promoter.NAME, reaper.NAME, pruner.NAME, bulk.NAME, resumer.NAME, history.NAME)
ANSWER_SECONDS: Final = 2.0
PRUNER_SECONDS: Final = 5.0


def plans(config: Config) -> tuple[Plan, ...]:
    """How each duty is done. One more duty is one more line here."""
    return (
        Plan(promoter.NAME, 0.0, promoter.Promoter, promoter.TERMS),
        Plan(reaper.NAME, config.reaper_seconds, reaper.Reaper),
        Plan(pruner.NAME, PRUNER_SECONDS, pruner.Pruner),
        Plan(bulk.NAME, bulk.LOOK_SECONDS, bulk.BulkOperations),
        Plan(trail_pruner.NAME, trail_pruner.PERIOD_SECONDS, trail_pruner.TrailPruner, trail_pruner.TERMS),
        Plan(resumer.NAME, resumer.LOOK_SECONDS, resumer.Resumer),
        Plan(history.NAME, history.PERIOD_SECONDS, history.HistoryKeeper),
        Plan(durability.NAME, durability.PERIOD_SECONDS, durability.DurabilityWatch, led=False),
        Plan(tag_indexer.NAME, tag_indexer.PERIOD_SECONDS, tag_indexer.TagIndexer, tag_indexer.TERMS),
    )


def store_opener(config: Config) -> Callable[[], Store]:
    """Makes the store of one duty: one connection, and answers within two seconds or not at all."""
    return partial(Store.open, config, timeout=ANSWER_SECONDS, most=1)


def part_opener(config: Config, at: int) -> Callable[[], Store]:
    """Makes the store of one duty in one partition."""
    opener = store_opener(config)
    return lambda: opener().parts[at]


def runners(plan: Plan, config: Config, holder: str) -> list[Runner]:
    """Who does a duty in this process: one, or one for each partition."""
    count = config.partitions.count
    if count == 1 or plan.name not in OF_EACH:
        return [Runner(plan, store_opener(config), holder)]
    names = [f"{plan.name} of partition {at}" for at in range(count)]
    return [Runner(plan, part_opener(config, at), holder, name) for at, name in enumerate(names)]


def watch(config: Config, name: str) -> Runner:
    """Who warns in the log of a server that may drop jobs, for a process that does no other duty."""
    [plan] = [plan for plan in plans(config) if plan.name == durability.NAME]
    return Runner(plan, store_opener(config), holder_name(name))


def holder_name(name: str) -> str:
    """A name among all candidates that no other process, and no later one of this name, goes by."""
    return f"{name.replace(':', '-')}.{secrets.token_hex(4)}"


class Crew:
    """One candidate for every duty. `name` says who it is, in logs and to people."""

    def __init__(self, config: Config, name: str) -> None:
        holder = holder_name(name)
        self._runners = [runner for plan in plans(config) for runner in runners(plan, config, holder)]

    @property
    def overdue(self) -> float:
        """Of its threads, that of the one which has kept others waiting longest; see `Runner.overdue`."""
        return max(runner.overdue for runner in self._runners)

    def start(self) -> None:
        """Stand for all duties."""
        for runner in self._runners:
            runner.start()

    def stop(self) -> None:
        """Resign from all; `join` waits for it."""
        for runner in self._runners:
            runner.stop()

    def join(self, seconds: float) -> bool:
        """True when all have ended within `seconds`."""
        until = time.monotonic() + seconds
        return all(runner.join(until - time.monotonic()) for runner in self._runners)
