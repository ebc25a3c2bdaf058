"""The charts of the first page: what each draws, and its newest figures for those who have no scripts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from jobs.store.store import Store

from .chart_kinds import is_of_workers
from .history import RANGES, Charts, points_since

DEFAULT_RANGE: Final = "1h"
TABLE_POINTS: Final = 6
TABLE_RANGE: Final = "1h"  # which has a point every ten seconds
BACK_SECONDS: Final = 90

Drag = Literal["finished", "created", ""]


class Line(msgspec.Struct, frozen=True):
    """One series: its name in the data, its word, the class `series-…` that colours it; dashed where it is a wish."""

    name: str
    word: str
    color: str
    dashed: bool = False


class ChartCard(msgspec.Struct, frozen=True):
    """A chart: its name in the data, title and unit, what dragging over it filters jobs by, and its series.

    `waits`: it is about waiting, so that LATENCY_GOAL is a line in it.
    """

    name: str
    title: str
    unit: str
    drag: Drag
    lines: tuple[Line, ...]
    waits: bool = False


class LineFigures(msgspec.Struct, frozen=True):
    """A series with its newest figures, oldest first."""

    line: Line
    values: tuple[float | None, ...]

    @property
    def latest(self) -> float | None:
        """The newest figure."""
        return self.values[-1] if self.values else None


class CardFigures(msgspec.Struct, frozen=True):
    """A chart with the newest figures of its series. `times` (s since 1970) are theirs."""

    card: ChartCard
    times: tuple[int, ...]
    lines: tuple[LineFigures, ...]


_PERCENTILES = (Line("p50", "p50", "p50"), Line("p95", "p95", "p95"), Line("p99", "p99", "p99"))
CARDS: Final = (
    ChartCard("throughput", "Throughput", "jobs/s", "finished", (
        Line("completed", "completed", "completed"), Line("failed", "failed", "failed"),
        Line("in", "came in", "arrived"),
    )),
    ChartCard("depth", "Queue depth", "jobs", "created", (
        Line("high", "high", "high"), Line("normal", "normal", "normal"), Line("low", "low", "low"),
    )),
    ChartCard("latency", "Queue latency", "age of the oldest", "created", (
        Line("oldest", "oldest", "latency"),
    ), waits=True),
    ChartCard("wait", "Wait", "until a job starts", "finished", _PERCENTILES, waits=True),
    ChartCard("processing", "Processing", "of an execution", "finished", _PERCENTILES),
    ChartCard("workers", "Workers", "workers", "", (
        Line("desired", "desired", "desired", dashed=True), Line("current", "current", "current"),
        Line("busy", "busy", "completed"),
    )),
)  # fmt: skip
NAMES: Final = tuple(card.name for card in CARDS)


def wanted_range(text: str) -> str:
    """The range that an address asks for; the usual one where it names none there is."""
    return text if text in RANGES else DEFAULT_RANGE


def card_figures(store: Store, now_ms: int, queue: str | None = None) -> list[CardFigures]:
    """Each chart with its last minute, of all queues or of one. Reads little. Raises StoreError."""
    cards = [card for card in CARDS if queue is None or not is_of_workers(card.name)]
    found = points_since(store, [card.name for card in cards], queue, now_ms / 1000 - BACK_SECONDS, TABLE_RANGE)
    return [_figures(card, found) for card in cards]


def _figures(card: ChartCard, found: Charts) -> CardFigures:
    series = found.series[card.name]
    lines = tuple(LineFigures(line, _last(series[line.name])) for line in card.lines)
    return CardFigures(card, tuple(found.t[-TABLE_POINTS:]), lines)


def _last(values: Sequence[float | None]) -> tuple[float | None, ...]:
    return tuple(values[-TABLE_POINTS:])
