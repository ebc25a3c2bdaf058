"""Lanes of other partitions hear which types are known, and never wait for the first one."""

from __future__ import annotations

import pytest

from jobs.errors import StoreUnavailable
from jobs.worker import known_types
from jobs.worker.known_types import KnownTypes


class Workers:
    """Knows the types of two queues, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[str | None] = []

    def known_types(self, queue: str | None = None) -> frozenset[str]:
        """The types."""
        self.asked.append(queue)
        return frozenset({f"type of {queue}"})


def test_nobody_is_asked_before_somebody_looks() -> None:
    workers = Workers()
    known = KnownTypes(workers)
    known.look()
    with pytest.raises(StoreUnavailable):
        known.known_types("mail")
    assert workers.asked == []
    known.look()
    assert known.known_types("mail") == {"type of mail"}
    with pytest.raises(StoreUnavailable):
        known.known_types("other")
    assert workers.asked == ["mail"]


def test_an_old_answer_counts_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    known = KnownTypes(Workers())
    with pytest.raises(StoreUnavailable):
        known.known_types("mail")
    known.look()
    monkeypatch.setattr(known_types, "FRESH", -1.0)
    with pytest.raises(StoreUnavailable):
        known.known_types("mail")


def test_what_nobody_asks_for_any_more_is_not_looked_for() -> None:
    workers = Workers()
    known = KnownTypes(workers)
    with pytest.raises(StoreUnavailable):
        known.known_types("mail")
    for _ in range(3):
        known.look()
    assert workers.asked == ["mail"]
