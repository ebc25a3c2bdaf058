"""The charts of a pool: what they draw, and their data as pages fetch them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from jobs.clock import to_instant_ms
from scaling.api.looks import ChangeView, PoolHistory

from .chart_cards import TABLE_POINTS, CardFigures, ChartCard, Line, LineFigures

RANGES: Final = ("1h", "6h", "24h", "7d")
DEFAULT_RANGE: Final = "24h"  # what became of the night is seen at once
FEWEST: Final = 60  # points that a chart has at least, be the pool ever so young
SHORTER: Final = (("1h", 3_600_000), ("6h", 21_600_000))  # in milliseconds
SPOKEN: Final = {"1h": "the last hour", "6h": "the last 6 hours", "24h": "the last 24 hours", "7d": "the last 7 days"}
# The names keep clear of those of the charts of all queues, whose news would be taken for these.
CARDS: Final = (
    ChartCard("pool-workers", "Workers", "workers", "", (
        Line("desired", "desired", "desired", dashed=True), Line("current", "current", "current"),
    )),
    ChartCard("pool-load", "Load", "jobs", "", (
        Line("queued", "queued", "queued"), Line("running", "running", "running"),
        Line("due", "due within a minute", "due"),
    )),
    ChartCard("pool-latency", "Queue latency", "age of the oldest", "", (
        Line("latency", "oldest", "latency"),
    ), waits=True),
)  # fmt: skip


def range_in(text: str) -> str:
    """The range that an address asks for; the usual one where it names none there is."""
    return text if text in RANGES else DEFAULT_RANGE


def fitting(history: PoolHistory) -> str:
    """The range that shows all of a history of the usual one, so that a pool of today is no dot at its end."""
    age = (len(history.current) - _first(history)) * history.step
    return next((span for span, milliseconds in SHORTER if age <= milliseconds), DEFAULT_RANGE)


def _first(history: PoolHistory) -> int:
    """The place of the first point that tells anything; 0 where none does."""
    known = zip(history.current, history.queued, strict=True)
    return next((at for at, seen in enumerate(known) if seen != (None, None)), 0)


def cards_of(history: PoolHistory) -> list[CardFigures]:
    """Each chart with its newest figures."""
    times = tuple(_times(history)[-TABLE_POINTS:])
    return [
        CardFigures(
            card,
            times,
            tuple(LineFigures(line, tuple(getattr(history, line.name)[-TABLE_POINTS:])) for line in card.lines),
        )
        for card in CARDS
    ]


def document_of(history: PoolHistory, span: str) -> dict[str, Any]:
    """The data of all charts, as static/js/charts/data.js takes them, without what was before the pool."""
    times = _times(history)
    begin = max(0, min(_first(history), len(times) - FEWEST))
    return {
        "range": span,
        "step": history.step // 1000,
        "t": times[begin:],
        "series": {
            card.name: {line.name: getattr(history, line.name)[begin:] for line in card.lines} for card in CARDS
        },
        "units": {card.name: card.unit for card in CARDS},
        "marks": [_mark(change) for change in reversed(history.changes)],
    }


def _mark(change: ChangeView) -> dict[str, Any]:
    """A mark without a text in the chart: what it says is in the list beside."""
    return {
        "t": _seconds(change.at),
        "kind": change.action,
        "text": "",
        "id": change.id,
        "from": change.current,
        "to": change.target,
    }


def _times(history: PoolHistory) -> list[int]:
    start, step = int(_seconds(history.start)), history.step // 1000
    return [start + at * step for at in range(len(history.current))]


def _seconds(instant: str) -> float:
    return to_instant_ms(datetime.fromisoformat(instant)) / 1000
