"""What was measured, against what it may cost, and how it is shown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec


class Figure(msgspec.Struct, frozen=True):
    """One measured value with its unit. `budget`: what it may be at most, with `at_least` what it must be."""

    section: str
    name: str
    value: float
    unit: str
    budget: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def holds(self) -> bool:
        """False when it is over budget."""
        if self.budget is None:
            return True
        return self.value >= self.budget if self.at_least else self.value <= self.budget

    @property
    def line(self) -> str:
        """The figure for people; what is over budget is marked."""
        budget = "" if self.budget is None else f"{'≥' if self.at_least else '≤'} {self.budget:,.6g}"
        mark = "" if self.holds else "OVER"
        return f"  {self.name:<78} {self.value:>12,.1f} {self.unit:<5}{budget:>9} {mark:<5}{self.note}"


def timing(section: str, name: str, samples: Sequence[float], budget: float | None = None, note: str = "") -> Figure:
    """The 95th percentile of some times in ms; the others are in the note."""
    ordered = sorted(samples)
    spread = f"p50 {quantile(ordered, 0.5):.1f}, max {ordered[-1]:.1f}, n {len(ordered)}"
    return Figure(section, name, quantile(ordered, 0.95), "ms", budget, note=f"{spread}; {note}" if note else spread)


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which a share of sorted samples lie."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def write(path: Path, figures: Sequence[Figure], about: dict[str, Any]) -> None:
    """Keep them as JSON, with what they were measured on."""
    rows = [msgspec.to_builtins(figure) | {"holds": figure.holds} for figure in figures]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**about, "figures": rows}, indent=1) + "\n")
