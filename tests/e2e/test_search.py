"""Looking for a text in many jobs: it goes on by itself, stops when told to, and waits where too many do the same."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Route, expect

from tests.perf.recipe import order_of
from tests.support.polling import wait_until

NOWHERE = "no-such-text"
SEARCHERS = 8  # at once, of which a web process lets two in
BUSY = 429
PUT_OFF = 60  # s


def buried(recipe) -> int:
    """The number of the job that died first of another error than the deploy's."""
    return next(number for number in range(recipe.settled) if recipe.group(number) not in (None, 0))


@contextmanager
def many_searches(crowded) -> Iterator[None]:
    """Search all the time."""
    over = threading.Event()

    def search() -> None:
        caller = crowded.key_caller(crowded.key)
        while not over.is_set():
            caller.ask(f"/api/jobs?q={NOWHERE}")
        caller.close()

    threads = [threading.Thread(target=search) for _ in range(SEARCHERS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def test_an_order_number_leads_to_its_job_and_why_it_failed(visit_crowded, crowded):
    number = buried(crowded.recipe)
    page = visit_crowded().page
    page.goto("/dead-letters/jobs/")
    page.keyboard.press("/")
    page.keyboard.type(order_of(number))
    page.keyboard.press("Enter")
    job_id = crowded.recipe.request(number).id
    row = page.locator(f"#list tr[data-key='{job_id}']")
    expect(row).to_contain_text(f"refused {order_of(number)}: no route to host")
    expect(page.locator("[data-searched]")).to_have_text(re.compile("1 job( in all)?"))  # by one step, or by several
    row.get_by_role("link").first.click()
    page.wait_for_url(f"**/jobs/{job_id}/")
    expect(page.locator("main")).to_contain_text(f"refused {order_of(number)}: no route to host")
    expect(page.locator(".code.is-error pre").first).to_contain_text("Traceback")


def test_a_search_goes_on_until_all_is_searched(visit_crowded):
    page = visit_crowded().page
    page.goto(f"/jobs/?q={NOWHERE}")
    expect(page.get_by_role("heading", name="No job matches")).to_be_visible()
    expect(page.get_by_role("button", name="Stop searching")).to_have_count(0)


def test_a_search_is_stopped_by_its_button_and_goes_on_when_asked(visit_crowded):
    page, _ = visit_crowded()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile(r"/jobs/\?.*cursor="), hold)
    page.goto(f"/jobs/?q={NOWHERE}")
    stop = page.get_by_role("button", name="Stop searching")
    expect(stop).to_be_visible()
    before = page.locator("[data-searched]").inner_text()
    assert re.match(r"Searched [\d,]+ of [\d,]+", before)
    stop.click()
    expect(stop).to_have_count(0)
    wait_until(lambda: page.evaluate("() => 1") and held)
    more = page.get_by_role("link", name="Search on")
    expect(more).to_be_visible()
    with page.expect_response(re.compile("cursor=")):
        held[0].continue_()
    page.unroute_all()
    assert page.locator("[data-searched]").inner_text() == before
    more.click()
    expect(page.locator("[data-searched]")).not_to_have_text(before)


def test_a_search_that_is_put_off_asks_no_more_once_it_is_stopped(visit_crowded):
    page, watch = visit_crowded()
    asked: list[Route] = []

    def put_off(route: Route) -> None:
        asked.append(route)
        route.fulfill(status=BUSY, headers={"Retry-After": str(PUT_OFF)})

    page.clock.install()
    page.route(re.compile(r"/jobs/\?.*cursor="), put_off)
    with watch.expecting(f"answer: {BUSY}"):
        with page.expect_response(re.compile("cursor=")):
            page.goto(f"/jobs/?q={NOWHERE}")
        page.clock.run_for(PUT_OFF * 1000)
        wait_until(lambda: page.evaluate("() => 1") and len(asked) == 2)
        page.get_by_role("button", name="Stop searching").click()
        page.clock.run_for(2 * PUT_OFF * 1000)
        watch.settle()
    assert len(asked) == 2
    expect(page.get_by_role("link", name="Search on")).to_be_visible()


def test_a_third_search_is_put_off_and_goes_on_by_itself(visit_crowded, crowded):
    number = buried(crowded.recipe)
    page, watch = visit_crowded()

    def refused() -> str:
        answer = page.goto(f"/dead-letters/jobs/?q={order_of(number)}")
        return answer.text() if answer is not None and answer.status == BUSY else ""

    with watch.expecting("answer: 429"):
        with many_searches(crowded):
            said = wait_until(refused, 60.0)  # the page itself may have gone on by now
            assert re.search(r'role="alert".*searches run already', said)
        row = page.locator(f"#list tr[data-key='{crowded.recipe.request(number).id}']")
        expect(row).to_be_visible(timeout=60_000)  # the searches of the others may still run
