"""The frame on screens with room to spare."""

from __future__ import annotations

import pytest

ENDS = """() => {
    const main = document.querySelector("main");
    const end = main.getBoundingClientRect().right - parseFloat(getComputedStyle(main).paddingRight);
    return [document.querySelector(".bar .find").getBoundingClientRect().right, end];
}"""


@pytest.mark.parametrize("address", ["/settings/", "/jobs/"])
def test_the_bar_ends_where_the_content_ends(walk, address):
    page = walk().page
    page.goto(address)
    for width in (390, 1000, 1440, 1720, 2560, 3440):
        page.set_viewport_size({"width": width, "height": 900})
        bar, content = page.evaluate(ENDS)
        assert bar == pytest.approx(content, abs=1), width


@pytest.mark.parametrize("address", ["/settings/", "/jobs/"])
def test_the_content_fills_a_usual_wide_screen(walk, address):
    page = walk().page
    page.goto(address)
    page.set_viewport_size({"width": 2560, "height": 1440})
    _, content = page.evaluate(ENDS)
    assert page.evaluate("document.documentElement.clientWidth") - content < 40
