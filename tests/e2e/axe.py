"""Asks axe-core whether a page is accessible. It runs by the debugger, which the page's policy does not concern."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page

SOURCE: Final = Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js"
# All rules but the experimental ones, and the one that WCAG 2.2 adds, which is off unless asked for.
RUN: Final = "() => axe.run(document, {resultTypes: ['violations'], rules: {'target-size': {enabled: true}}})"


def axe(page: Page) -> list[str]:
    """What is wrong with a page as it looks now, a sentence each."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_source())
    result: dict[str, Any] = page.evaluate(RUN)
    return [
        f"{violation['id']} at {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]


@cache
def _source() -> str:
    return SOURCE.read_text(encoding="utf-8")
