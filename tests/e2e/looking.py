"""What can be asked of any page as it looks now."""

from __future__ import annotations

from typing import Any, Final

from playwright.sync_api import Page

MOST_STOPS: Final = 400
OVERFLOW: Final = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
# The element that has the focus: a word on it, whether it shows the focus, and whether it can be seen.
FOCUSED: Final = """() => {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    window.focusStops ??= new Map();
    const number = window.focusStops.get(element) ?? window.focusStops.size;
    window.focusStops.set(element, number);
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    return {
        number,
        name: element.outerHTML.slice(0, 120),
        shows: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none",
        seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 &&
            box.left < innerWidth,
    };
}"""


def overflow(page: Page) -> int:
    """By how many pixels a page is wider than its window."""
    return int(page.evaluate(OVERFLOW))


def tab_stops(page: Page) -> list[dict[str, Any]]:
    """What the Tab key leads to from the top of a page to its end. Raises AssertionError where it is held."""
    stops: list[dict[str, Any]] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop is None or stop["number"] < len(stops):
            return stops
        stops.append(stop)
    raise AssertionError(f"after {MOST_STOPS} times Tab the page has no end")


def hidden_stops(page: Page) -> list[str]:
    """Those of the Tab key's stops that one cannot see to have the focus."""
    return [stop["name"] for stop in tab_stops(page) if not (stop["shows"] and stop["seen"])]
