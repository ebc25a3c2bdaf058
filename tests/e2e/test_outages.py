"""Pages say at once what has gone, and go on by themselves when it is back."""

from __future__ import annotations

import time

from playwright.sync_api import Page, expect

from tests.e2e.arrivals import arrival_ms, watch_arrivals
from tests.e2e.visitors import log_in
from tests.support.polling import wait_until

MOST_MS = 10_000  # until a page says that the store is away, on a busy machine
RATES = """async () => {
    const points = await (await fetch("/charts.json?names=throughput&range=1h")).json();
    return points.t.map((t, at) => [t, points.series.throughput.completed[at] ?? 0]).filter(([, rate]) => rate);
}"""
HIDE = """(hidden) => {
    Object.defineProperty(document, "hidden", {configurable: true, get: () => hidden});
    document.dispatchEvent(new Event("visibilitychange"));
}"""


def expect_state(page: Page, word: str) -> None:
    """Wait until the page says how live it is."""
    expect(page.locator("[data-live-state]")).to_have_attribute("data-value", word)


def test_pages_say_that_the_store_is_away_and_go_on_when_it_is_back(visit, installation):
    (page, _), (other, watch) = visit(), visit()
    page.goto("/jobs/")
    expect_state(page, "live")
    started = time.monotonic()
    with installation.server.away("kill"):
        expect_state(page, "away")
        took = (time.monotonic() - started) * 1000
        print(f"away after {took:.0f} ms")
        assert took < MOST_MS
        expect(page.locator("[data-live-state]")).to_contain_text("the store is away")
        expect(page.locator(".bar .health")).to_have_attribute("data-value", "unhealthy")
        expect(page.locator(".bar .health")).to_contain_text("its circuit breaker is open")
        with watch.expecting("answer: 503 GET"):
            other.goto("/jobs/")
            expect(other.get_by_role("heading", name="The store is away")).to_be_visible()
    expect_state(page, "live")
    expect(other.get_by_role("heading", name="Jobs")).to_be_visible()
    watch_arrivals(page, "#list")
    job = installation.client.enqueue("noop", {})
    assert arrival_ms(page, job["jobId"])


def test_pages_connect_again_when_web_restarts_and_history_is_still_there(visit, installation):
    page, watch = visit()
    page.goto("/")
    expect_state(page, "live")
    installation.client.enqueue("noop", {})
    before = wait_until(lambda: page.evaluate(RATES), 30.0)
    with watch.expecting("WebSocket connection"):
        installation.stop_web()
        try:
            expect_state(page, "reconnecting")
        finally:
            installation.start_web()
        expect_state(page, "live")
    after = dict(page.evaluate(RATES))
    assert all(after[t] >= rate for t, rate in before)  # the latest step may not have been over
    page.reload()
    expect(page.locator("[data-chart=throughput] canvas")).to_be_visible()


def test_a_hidden_page_stops_and_goes_on_when_it_is_seen(visit, installation):
    page = visit().page
    page.goto("/jobs/")
    expect_state(page, "live")
    page.evaluate(HIDE, True)
    expect_state(page, "paused")
    job = installation.client.enqueue("noop", {})
    page.evaluate(HIDE, False)
    expect_state(page, "live")
    expect(page.locator(f"#list tr[data-key='{job['jobId']}']")).to_be_visible()


def test_updates_are_switched_off_and_on_by_a_menu(visit, installation):
    page = visit().page
    page.goto("/")
    expect_state(page, "live")
    page.get_by_role("button", name="operator").click()
    page.get_by_label("Updates").select_option("off")
    expect_state(page, "off")
    page.reload()
    expect_state(page, "off")
    job = installation.client.enqueue("noop", {})
    page.get_by_role("button", name="operator").click()
    page.get_by_label("Updates").select_option("0")
    expect_state(page, "live")
    expect(page.locator(f"[data-live-rows=latest] tr[data-key='{job['jobId']}']")).to_be_visible()


def test_a_log_out_in_another_tab_ends_what_is_live(visit):
    page = visit("").page
    log_in(page, "viewer")
    expect_state(page, "live")
    other = page.context.new_page()
    other.goto("/")
    other.get_by_role("button", name="viewer").click()
    other.get_by_role("button", name="Log out").click()
    other.wait_for_url("**/login/")
    expect_state(page, "ended")
    expect(page.locator("[data-live-state]")).to_contain_text("logged out")
