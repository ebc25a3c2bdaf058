"""Walks of many indexes: the highest entries of all together, page by page, in few round trips."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from jobs.store.client import Client
from jobs.store.packing import Arg
from jobs.store.reader import Place
from tests.support.jobs import StoreKit

MANY = 60


def stocked(kit: StoreKit, *lines: list[tuple[float, str]]) -> list[str]:
    """The names of indexes with these entries, and of as many others with one each as make MANY."""
    others = [[(float(number), f"other-{number}")] for number in range(MANY - len(lines))]
    for number, line in enumerate((*lines, *others)):
        kit.client.call("ZADD", f"walked:{number}", *(part for entry in line for part in entry))
    return [f"walked:{number}" for number in range(MANY)]


def paged(kit: StoreKit, indexes: list[str], most: int) -> list[Place]:
    """All places, `most` a page."""
    found: list[Place] = []
    before = None
    while page := kit.reader.walk(indexes, most, before=before):
        assert len(page) <= most
        found += page
        before = page[-1]
    return found


@pytest.mark.parametrize("most", [1, 7, 100, 500])
def test_pages_hold_every_entry_once_highest_first(kit: StoreKit, most: int) -> None:
    long = [(1000.0 - 3 * number, f"long-{number}") for number in range(300)]
    short = [(900.0 - 50 * number, f"short-{number}") for number in range(10)]
    indexes = stocked(kit, long, short)
    places = paged(kit, indexes, most)
    assert places == sorted(places, reverse=True)
    assert {place.id for place in places} >= {each for _, each in (*long, *short)}
    assert len(places) == len(set(places)) == 300 + 10 + MANY - 2


def test_entries_with_one_score_are_not_skipped(kit: StoreKit) -> None:
    same = [(500.0, f"same-{number:03d}") for number in range(120)]
    indexes = stocked(kit, same, [(500.0, "same-060b"), (499.0, "after")])
    assert [place.id for place in paged(kit, indexes, 5)][:122] == [
        *(f"same-{number:03d}" for number in range(119, 60, -1)), "same-060b",
        *(f"same-{number:03d}" for number in range(60, -1, -1)), "after",
    ]  # fmt: skip


def test_it_begins_where_it_is_told(kit: StoreKit) -> None:
    indexes = stocked(kit, [(float(number), f"line-{number}") for number in range(100, 200)])
    assert [place.score for place in kit.reader.walk(indexes, 3, up_to=150)] == [150.0, 149.0, 148.0]
    assert kit.reader.walk([], 3) == []


def test_a_page_takes_few_round_trips(kit: StoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    indexes = stocked(kit, [(1000.0 + number, f"line-{number}") for number in range(600)])
    trips: list[int] = []
    pipeline = Client.pipeline

    def counted(client: Client, commands: Sequence[Sequence[Arg]]) -> list[Any]:
        trips.append(len(commands))
        return pipeline(client, commands)

    monkeypatch.setattr(Client, "pipeline", counted)
    assert len(kit.reader.walk(indexes, 500)) == 500
    assert trips == [MANY, 1, 1]
