"""The table of docs/metrics.md, from what a web process tells to those who scrape."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).resolve().parents[1] / "metrics.md"
HEAD: Final = "| Name | Kind | Labels | What it tells |\n|---|---|---|---|\n"
_TABLE: Final = re.compile(rf"{re.escape(HEAD)}(?:\|.*\|\n)*")
_BUCKETS: Final = re.compile(r"(?<=Buckets of both histograms, in seconds: )[\d., \n]+(?=\.\n)")


def page() -> str:
    """The page with the table, and the buckets of histograms, as the code has them."""
    text, tables = _TABLE.subn(lambda _: HEAD + rows(), PAGE.read_text(encoding="utf-8"))
    text, lists = _BUCKETS.subn(_buckets, text)
    assert (tables, lists) == (1, 1), "the page has lost its table or its buckets"  # noqa: S101 - about a file
    return text


def rows() -> str:
    """A row for each metric of the installation."""
    from monitoring.metric import METRICS

    labels = {each.name: ", ".join(f"`{label}`" for label in each.labels) or "–" for each in METRICS}
    return "".join(f"| `{each.name}` | {each.kind} | {labels[each.name]} | {each.help} |\n" for each in METRICS)


def _buckets(found: re.Match[str]) -> str:
    """In the lines that they have, while they are the same."""
    from jobs.store.metrics import LIMITS_MS

    right = ", ".join(f"{limit / 1000:g}" for limit in LIMITS_MS)
    return found[0] if " ".join(found[0].split()) == right else right
