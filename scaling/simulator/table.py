"""A comparison as a table in Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from .comparison import Comparison, Row

HEAD: Final = (
    "| strategy | late % | cost | p50 s | p95 s | p99 s | worker hours | actions an hour | flaps | recovery s |"
)
RULE: Final = "|---|" + "---:|" * 9


def lines(found: Comparison) -> Iterator[str]:
    """The head, and a line for each row."""
    yield HEAD
    yield RULE
    yield from (line(row) for row in found.rows)


def line(row: Row) -> str:
    """One row."""
    report = row.report
    cost = "–" if row.cost is None else f"{row.cost:.2f}"
    waits = f"{report.p50:.1f} | {report.p95:.1f} | {report.p99:.1f}"
    return (
        f"| {row.title} | {report.late * 100:.2f} | {cost} | {waits} | {report.worker_hours:.1f} "
        f"| {report.actions_per_hour:.0f} | {report.flaps} | {report.recovery:.0f} |"
    )
