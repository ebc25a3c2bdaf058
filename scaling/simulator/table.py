"""A comparison as a table in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from .comparison import Comparison, Row

COLUMNS: Final = (
    *("strategy", "late %", "cost", "p50 s", "p95 s", "p99 s"),
    *("worker hours", "actions an hour", "flaps", "recovery s"),
)
TRIED: Final = ("attempts a success",)
SHORT: Final = ("options", "late %", "cost", "actions an hour")


def lines(found: Comparison) -> Iterator[str]:
    """The head, and a line for each row; where jobs were tried again, how often too."""
    is_tried = any(row.report.attempts > 1 for row in found.rows)
    yield from head((*COLUMNS, *TRIED) if is_tried else COLUMNS)
    for row in found.rows:
        yield line(row) + (f" {row.report.attempts:.2f} |" if is_tried else "")


def head(columns: Sequence[str]) -> Iterator[str]:
    """The names of columns and the rule below, numbers to the right."""
    yield f"| {' | '.join(columns)} |"
    yield "|---|" + "---:|" * (len(columns) - 1)


def line(row: Row) -> str:
    """One row."""
    report = row.report
    waits = f"{report.p50:.1f} | {report.p95:.1f} | {report.p99:.1f}"
    return (
        f"| {row.title} | {report.late * 100:.2f} | {_cost(row)} | {waits} | {report.worker_hours:.1f} "
        f"| {report.actions_per_hour:.0f} | {report.flaps} | {report.recovery:.0f} |"
    )


def short(words: str, row: Row) -> str:
    """One row of a table of runs, by what it was run with."""
    return f"| `{words}` | {row.report.late * 100:.2f} | {_cost(row)} | {row.report.actions_per_hour:.0f} |"


def _cost(row: Row) -> str:
    return "–" if row.cost is None else f"{row.cost:.2f}"
