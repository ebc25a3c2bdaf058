"""The results as a table for people and as an object for JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.catalogue import MEASURES, Measure
from benchmarks.results import Results

NOTHING = "–"


def table(results: Results, subjects: Sequence[str]) -> str:
    """Return medians with a row a measure and a column a subject, and ours as a ratio of the best peer.

    ``rounds`` is of how many rounds the figures of a row are the medians; a span where subjects differ.
    """
    judged = results.ours in subjects
    head = ["", "unit", "rounds", *subjects] + (["ratio", "to the best peer"] if judged else ["best"])
    rows = [_row(results, measure, subjects, judged) for measure in MEASURES if _measured(results, measure, subjects)]
    return _aligned([head, *rows])


def budgets(results: Results) -> str:
    """Return a line for each budget that can be judged; empty when ours was not measured."""
    rows = [
        [budget.title, number(value), f"at least {budget.at_least:g}", f"aim {budget.aim:g}", word]
        if budget.aim > budget.at_least
        else [budget.title, number(value), f"at most {budget.at_least:g}", f"aim {budget.aim:g}", word]
        for budget, value, word in results.judged()
    ]
    return _aligned([["budget", "measured", "limit", "aim", "verdict"], *rows]) if rows else ""


def document(results: Results, about: Mapping[str, Mapping[str, Any]], run: Mapping[str, Any]) -> dict[str, Any]:
    """Return everything for JSON: the run's facts, each subject's facts with medians and rounds, ratios, budgets."""
    return {
        **run,
        "subjects": {name: {**facts, "values": _values(results, name)} for name, facts in about.items()},
        "ratios": {m.key: value for m in MEASURES if (value := results.ratio(m.key)) is not None},
        "budgets": [
            {"title": budget.title, "value": value, "limit": budget.at_least, "aim": budget.aim, "verdict": word}
            for budget, value, word in results.judged()
        ],
        "failures": results.failures,
    }


def number(value: float) -> str:
    """Return three or four digits, as many as a reader needs."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _row(results: Results, measure: Measure, subjects: Sequence[str], judged: bool) -> list[str]:
    cells = [_cell(results, measure, subject) for subject in subjects]
    peer = results.best_peer(measure.key)
    name = peer.subject if peer else NOTHING
    ratio = results.ratio(measure.key) if judged else None
    begin = [measure.title, measure.unit, _rounds(results, measure, subjects)]
    return [*begin, *cells, *([f"{ratio:.2f}" if ratio else NOTHING] if judged else []), name]


def _rounds(results: Results, measure: Measure, subjects: Sequence[str]) -> str:
    counts = {len(values) for each in subjects if (values := results.rounds(each).get(measure.key))}
    return str(*counts) if len(counts) == 1 else f"{min(counts)}–{max(counts)}"


def _cell(results: Results, measure: Measure, subject: str) -> str:
    value = results.value(subject, measure.key)
    if value is None:
        return NOTHING
    bound = results.value(subject, measure.bound) if measure.bound else None
    return number(value) if bound is None else f"{number(value)}/{number(bound)}"


def _measured(results: Results, measure: Measure, subjects: Sequence[str]) -> bool:
    return any(results.value(subject, measure.key) is not None for subject in subjects)


def _values(results: Results, subject: str) -> dict[str, Any]:
    rounds = results.rounds(subject)
    return {key: {"median": results.value(subject, key), "rounds": values} for key, values in rounds.items()}


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as lines: the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *rest in rows:
        cells = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
