"""What a simulation shows: which strategies are drawn, their charts, and the data of these."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from scaling.api.simulate_answers import SimulationRow, SimulationView

from .chart_cards import ChartCard, Line

COLORS: Final = ("p95", "p99", "p50", "high", "arrived")  # of the series, at most five
KINDS: Final = (("workers", "Workers", "workers"), ("late", "Late jobs", "%"))


def drawn(found: SimulationView, wanted: Sequence[str], active: str) -> list[str]:
    """The strategies whose curves are drawn: those wanted, or else the policy's and those that cost least."""
    there = [row.strategy for row in found.results or []]
    chosen = [name for name in there if name in wanted]
    if not chosen:
        cheap = sorted(found.results or [], key=lambda row: (row.strategy != active, row.cost or float("inf")))
        chosen = [row.strategy for row in cheap if row.strategy in found.strategies]
    return chosen[: len(COLORS)]


def curve_cards(found: SimulationView, chosen: Sequence[str]) -> list[ChartCard]:
    """The charts, with a series for each strategy that is drawn."""
    titles = {row.strategy: row.title for row in found.results or []}
    lines = tuple(
        Line(f"s{at}", titles[name], color) for at, (name, color) in enumerate(zip(chosen, COLORS, strict=False))
    )
    cards = [ChartCard("sim-load", "Load", "jobs", "", (Line("load", "waiting and running", "queued"),))]
    return [*(ChartCard(f"sim-{name}", title, unit, "", lines) for name, title, unit in KINDS), *cards]


def curve_document(found: SimulationView, chosen: Sequence[str]) -> dict[str, Any]:
    """The data of the charts, as static/js/charts/data.js takes them. Times are seconds from the start of the load."""
    rows = {row.strategy: row for row in found.results or []}
    curves = [rows[name].curve for name in chosen if name in rows]
    times = [at / 1000 for at in curves[0].at] if curves else []
    return {
        "range": "all",
        "step": times[1] - times[0] if len(times) > 1 else 1,
        "t": times,
        "series": {
            "sim-workers": {f"s{at}": curve.workers for at, curve in enumerate(curves)},
            "sim-late": {f"s{at}": curve.late_percent for at, curve in enumerate(curves)},
            "sim-load": {"load": curves[0].load if curves else []},
        },
        "marks": [],
    }


def verdict(found: SimulationView, share: float) -> str:
    """What the table comes to: who holds the goal at the least cost; "" where nothing was compared."""
    rows = found.results or []
    if not rows:
        return ""
    holding = [row for row in rows if holds(row, share)]
    if not holding:
        best = min(rows, key=lambda row: row.late_percent)
        return f"None holds the goal; {best.title} comes closest."
    best = min(holding, key=lambda row: row.worker_hours)
    rest = len(holding) - 1
    others = "; no other does" if not rest else f", of {len(holding)} that do"
    return f"{best.title} holds the goal with the fewest worker-hours{others}."


def holds(row: SimulationRow, share: float) -> bool:
    """Whether a strategy held the goal for the share of the jobs that it is meant for."""
    return row.late_percent <= (1 - share) * 100
