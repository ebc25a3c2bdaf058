"""What a guard makes of a number of workers."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec


class Ruling(msgspec.Struct, frozen=True):
    """The number of workers that `guard` allows instead, and why, in a sentence."""

    workers: int
    guard: str
    reason: str


def standing(proposed: int, rulings: Iterable[Ruling]) -> list[Ruling]:
    """The rulings, in their order, without those that a later one has taken back as a whole."""
    kept: list[tuple[int, Ruling]] = []  # what each was given, and what it made of that
    for ruling in rulings:
        while kept and _is_taken_back(*kept[-1], ruling.workers):
            kept.pop()
        kept.append((kept[-1][1].workers if kept else proposed, ruling))
    return [ruling for _, ruling in kept]


def _is_taken_back(given: int, ruling: Ruling, workers: int) -> bool:
    return workers >= given if ruling.workers < given else workers <= given
