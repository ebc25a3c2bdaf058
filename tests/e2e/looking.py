"""What can be asked of any page as it looks now."""

from __future__ import annotations

from typing import Any, Final

from playwright.sync_api import Page

MOST_STOPS: Final = 400
OVERFLOW: Final = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
# The element that has the focus: a word on it, whether it shows the focus (or what is around it does), and whether it
# can be seen.
FOCUSED: Final = """() => {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    window.focusStops ??= new Map();
    const number = window.focusStops.get(element) ?? window.focusStops.size;
    window.focusStops.set(element, number);
    const parts = ["", "::before", "::after"].map((part) => getComputedStyle(element, part || null));
    const around = [element.parentElement, element.parentElement?.parentElement].filter(Boolean);
    const styles = [...parts, ...around.map((each) => getComputedStyle(each))];
    const box = element.getBoundingClientRect();
    return {
        number,
        name: element.outerHTML.slice(0, 120),
        shows: styles.some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) ||
            parts[0].boxShadow !== "none",
        seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 &&
            box.left < innerWidth,
    };
}"""


def overflow(page: Page) -> int:
    """By how many pixels a page is wider than its window."""
    return int(page.evaluate(OVERFLOW))


def unfold(page: Page, width: int, height: int) -> None:
    """Give the window a width, and at least a height: as much as it takes to show the whole page.

    Then nothing lies under a bar that stays where it is while one scrolls.
    """
    page.set_viewport_size({"width": width, "height": height})
    whole = int(page.evaluate("() => document.documentElement.scrollHeight"))
    page.set_viewport_size({"width": width, "height": max(height, whole)})


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


def hidden(stops: list[dict[str, Any]]) -> list[str]:
    """Those stops that one cannot see to have the focus."""
    return [stop["name"] for stop in stops if not (stop["shows"] and stop["seen"])]
