"""Each part of a store has one for several partitions, and forgets no question."""

from __future__ import annotations

import inspect

import pytest

from jobs.conf import Config
from jobs.store.store import Store
from tests.support.partitions import Installation

# What is known of the installation rather than of jobs lies at home.
HOME = {"registry", "buckets", "history", "pool_history", "simulations"}
# Bulk operations lie at home, and ask the other parts where they are about jobs.
BUILT_ON_OTHERS = {"operations"}
# What lies at home of the rest, and what a partition's leaders and the outbox's forwarder do with each by itself.
AT_HOME = {
    "producer": {"secure"},
    "keeper": {
        "lead", "resign", "due_scheduled", "due_retrying", "expired_leases", "expired_retention", "quarantine",
        "promote", "tick", "has_ticked", "reap", "held_by",
    },
    "tag_index": {"begin", "end", "fill"},
    "scaling": {"kept", "record", "order", "forget", "keep_model"},
}  # fmt: skip


def public_methods(kind: type) -> set[str]:
    return {
        name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")
    }  # fmt: skip


def parts_of(store: Store) -> dict[str, object]:
    inert = ("client", "config", "keys", "offset_ms")
    return {name: part for name, part in vars(store).items() if not name.startswith("_") and name not in inert}


def test_each_part_of_a_store_has_one_for_several_partitions(three: Installation, config: Config) -> None:
    single = parts_of(three.store.parts[0])
    spread = parts_of(three.store)
    assert spread.keys() == single.keys()
    for name, part in single.items():
        if name in HOME | BUILT_ON_OTHERS:
            assert type(spread[name]) is type(part), name
        else:
            assert type(spread[name]).__name__ == f"Spread{type(part).__name__}"


@pytest.mark.parametrize(
    "name",
    [
        "browser", "glance", "keeper", "metrics", "operator", "producer", "reader", "sampler", "scaling", "stacks",
        "tag_index", "trends", "triage", "type_pauses", "yardstick",
    ],
)  # fmt: skip
def test_each_question_is_put_to_all_partitions(three: Installation, name: str) -> None:
    single = type(getattr(three.store.parts[0], name))
    spread = type(getattr(three.store, name))
    own = {each for each in public_methods(single) if each in vars(spread)}
    assert public_methods(single) - own == AT_HOME.get(name, set())
