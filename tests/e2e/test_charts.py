"""Charts move, and lead to the jobs behind them."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.looking import overflow
from tests.support.polling import wait_until

JOBS = 300
RANGE = 300  # s, of the shortest
THROUGHPUT = "[data-chart=throughput]"
GAP = """async ([range, missing]) => {
    const { Points } = await import("/static/js/charts/data.js");
    const names = ["throughput", "depth"];
    const points = new Points("/charts.json", names, range);
    const since = Math.floor(Date.now() / 1000) - 60;
    const frame = await (await fetch(`/charts.json?names=${names}&range=1h&since=${since}`)).json();
    await points.load();
    const has = points.t.length;
    points.t = points.t.map((t) => t - missing);
    points.asked = 0;
    const isNew = await points.take(frame);
    const lengths = names.flatMap((name) => Object.values(points.series[name]).map((column) => column.length));
    return {
        isNew, has: [...new Set([points.t.length, ...lengths])], had: has,
        steps: [...new Set(points.t.slice(1).map((t, at) => t - points.t[at]))],
        late: frame.t.at(-1) - points.t.at(-1),
    };
}"""
WRITTEN = """(() => {
    const write = CanvasRenderingContext2D.prototype.fillText;
    CanvasRenderingContext2D.prototype.fillText = function (text, ...where) {
        if (this.textAlign === "center") {
            this.canvas.half = Math.max(this.canvas.half ?? 0, this.measureText(text).width / 2);
        }
        return write.call(this, text, ...where);
    };
})()"""
ROOM = """() => [...document.querySelectorAll(".uplot")].map((plot) => {
    const canvas = plot.querySelector("canvas");
    const ends = (element) => element.getBoundingClientRect().right;
    return [ends(canvas) - ends(plot.querySelector(".u-over")), canvas.half];
})"""
DRAWN = "() => document.querySelector('[data-chart=throughput] canvas')?.toDataURL() ?? ''"


def drawn(page: Page) -> str:
    """The chart of throughput as it looks now; waits until it is there."""
    expect(page.locator(f"{THROUGHPUT} canvas")).to_be_visible()
    return str(page.evaluate(DRAWN))


def seconds_listed(page: Page) -> float:
    """How long the time is whose jobs a chart leads to, once it has done so."""
    page.wait_for_url("**/jobs/?*")
    query = parse_qs(urlsplit(page.url).query)
    assert set(query) == {"finishedAfter", "finishedBefore"}
    [after], [before] = query["finishedAfter"], query["finishedBefore"]
    return (datetime.fromisoformat(before) - datetime.fromisoformat(after)).total_seconds()


def test_a_chart_moves_when_jobs_have_run(visit, installation):
    page = visit().page
    page.goto("/?range=5m")
    before = drawn(page)
    value = page.locator(f"{THROUGHPUT} [data-series=completed] .value")
    figure = value.inner_text()
    installation.client.enqueue_many([{"type": "noop", "payload": {}}] * JOBS)
    expect(value).not_to_have_text(figure, timeout=30_000)
    assert wait_until(lambda: page.evaluate(DRAWN) != before, 30.0)
    expect(value).to_have_text(re.compile(r"^[1-9][\d.,]*/s$"), timeout=30_000)


def test_dragging_over_throughput_lists_the_jobs_that_were_over_then(visit, installation):
    page = visit().page
    page.goto("/?range=5m")
    drawn(page)
    plot = page.locator(f"{THROUGHPUT} .u-over")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 20, steps=4)
    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + 20, steps=4)
    page.mouse.up()
    assert 0 < seconds_listed(page) < RANGE
    expect(page.locator(".chips .filter")).to_have_count(2)
    expect(page.locator("main")).to_contain_text("that is still stored ended")


@pytest.mark.parametrize("missing", [0, 50, 60, 70, 200, 86_400])
@pytest.mark.parametrize("span", ["5m", "1h"])
def test_points_that_were_missed_while_nothing_came_are_asked_for(walk, span, missing):
    page = walk().page
    page.goto("/settings/")
    found = page.evaluate(GAP, [span, missing])
    assert found.pop("late") <= 0
    assert found == {"isNew": True, "had": found["had"], "has": [found["had"]], "steps": [10]}


def test_a_finger_drags_as_a_pointer_does_and_a_tap_leads_nowhere(visit):
    page = visit(size="phone").page
    page.goto("/?range=5m")
    drawn(page)
    plot = page.locator(f"{THROUGHPUT} .u-over")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + 20
    page.touchscreen.tap(x, y)
    expect(page.locator(f"{THROUGHPUT} .chart-when")).not_to_be_empty()
    fingers = page.context.new_cdp_session(page)
    for kind, at in (("Start", x), ("Move", x + 10), ("Move", x + 40), ("Move", x + 80), ("End", None)):
        points = [] if at is None else [{"x": at, "y": y}]
        fingers.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    assert 0 < seconds_listed(page) < RANGE


def test_the_keyboard_lists_the_jobs_of_all_that_a_chart_shows(walk):
    page = walk().page
    page.goto("/?range=5m")
    drawn(page)
    link = page.locator(THROUGHPUT).get_by_role("link", name="Jobs of this range", description="Throughput")
    link.press("Enter")
    assert seconds_listed(page) == RANGE


def test_ranges_are_links(visit):
    page = visit().page
    page.goto("/")
    for label, name in (("24 h", "24h"), ("7 d", "7d"), ("5 m", "5m")):
        page.get_by_label("Range of the charts").get_by_role("link", name=label).click()
        page.wait_for_url(f"**/?range={name}")
        expect(page.locator("[data-charts]")).to_have_attribute("data-range", name)
        drawn(page)


@pytest.mark.parametrize(("address", "span"), [("/", "5m"), ("/", "7d"), ("/scaling/default/", "1h")])
def test_the_last_time_on_the_axis_has_room_wherever_it_falls(visit, address, span):
    page = visit().page
    page.add_init_script(WRITTEN)
    page.goto(f"{address}?range={span}")
    expect(page.locator("[data-chart] canvas").first).to_be_visible()
    charts = page.evaluate(ROOM)
    assert charts
    for room, half in charts:
        assert room >= half > 0


def test_a_chart_that_is_wide_still_in_a_window_that_became_narrow_does_not_widen_the_page(visit, installation):
    page = visit().page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/queues/default/")
    drawn(page)
    widths = page.evaluate(
        "() => [...document.querySelectorAll('.uplot')].map((plot) => (plot.style.width = '700px', plot.offsetWidth))"
    )
    assert set(widths) == {700}
    assert overflow(page) <= 0
