"""Sees in a page when rows of a table arrive, on the clock that the tests have too."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page

WATCH: Final = """(table) => {
    window.arrivals = {};
    const look = () => {
        for (const row of document.querySelectorAll(`${table} tr[data-key]`)) {
            window.arrivals[row.dataset.key] ??= performance.timeOrigin + performance.now();
        }
    };
    look();
    new MutationObserver(look).observe(document, {childList: true, subtree: true});
}"""
ARRIVED: Final = "(key) => window.arrivals[key]"
KEYS: Final = "(rows) => rows.map((row) => row.dataset.key)"


def watch_arrivals(page: Page, table: str) -> None:
    """Begin to note when rows come into a table, given as a selector."""
    page.evaluate(WATCH, table)


def arrival_ms(page: Page, key: str) -> float:
    """When a row came, in ms since 1970; waits for it."""
    return float(page.wait_for_function(ARRIVED, arg=key).json_value())


def keys(page: Page, table: str) -> list[str]:
    """The keys of the rows of a table, in order."""
    return list(page.locator(f"{table} tr[data-key]").evaluate_all(KEYS))
