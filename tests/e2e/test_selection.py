"""What is chosen in a list can be acted on where one is: the bar stays in sight, and so does the head of the table."""

import pytest


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_bar_of_a_selection_is_in_sight_wherever_the_list_is_scrolled(visit, size):
    page, _ = visit(size=size)
    page.goto("/jobs/")
    page.locator("tbody .select").first.check()
    bar = page.locator("[data-selection]")
    for where in ("0", "document.documentElement.scrollHeight / 2"):
        page.evaluate(f"scrollTo(0, {where})")
        box, window = bar.bounding_box(), page.viewport_size
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= window["height"]
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= window["width"]
        assert box["height"] <= 56  # one line


def test_the_head_of_a_long_table_stays_under_the_top_bar(visit):
    page, _ = visit()
    page.set_viewport_size({"width": 1440, "height": 420})
    page.goto("/jobs/")
    page.locator("tbody[data-rows] tr").nth(9).evaluate("row => row.scrollIntoView({ block: 'center' })")
    head, bar = page.locator("thead th").nth(1).bounding_box(), page.locator(".bar").bounding_box()
    assert head["y"] == pytest.approx(bar["y"] + bar["height"], abs=1)
