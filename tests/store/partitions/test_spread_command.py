"""How many jobs lie where, and how an installation gets another number of partitions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from jobs.conf import Config
from jobs.errors import ConfigError
from jobs.partitioning import Partitions
from jobs.spread import demand_spread
from jobs.states import State
from jobs.store import store as process_store
from tests.support.partitions import Installation, said_id


@pytest.fixture
def here(three: Installation, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """Let the process's store be the one over three partitions."""
    monkeypatch.setattr(process_store, "_process_store", None)
    process_store.use_store(three.store)
    return three


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("partitions", *arguments, stdout=out)
    return out.getvalue()


def test_it_counts_the_jobs_of_each(here: Installation) -> None:
    here.play(("pending", said_id(1, 1), {}))
    here.play(("completed", said_id(1, 2), {}))
    assert said().splitlines() == ["partition 0: 0 jobs", "partition 1: 2 jobs", "partition 2: 0 jobs"]


def test_an_empty_installation_is_given_another_number(
    here: Installation, store_url: str, config: Config, configure: Callable[[Config], None]
) -> None:
    at_store = replace(config, redis_url=store_url)
    demand_spread(replace(at_store, partitions=Partitions(3)))
    here.play(("pending", said_id(2, 1), {}))
    with pytest.raises(CommandError, match="there is 1 job: let those end that wait, and delete those that are over"):
        said("--forget")
    with pytest.raises(ConfigError, match="asks for 4 partitions, but the jobs of this store are spread over 3"):
        demand_spread(replace(at_store, partitions=Partitions(4)))
    here.store.operator.delete([said_id(2, 1)], seen_in=State.PENDING)
    assert said("--forget") == "Forgotten: the next process says how many partitions there are.\n"
    demand_spread(replace(at_store, partitions=Partitions(4)))
    with pytest.raises(ConfigError):
        demand_spread(at_store)


def test_a_store_that_is_away_says_nothing(config: Config, gone_url: str) -> None:
    demand_spread(replace(config, redis_url=gone_url, partitions=Partitions(3)))
