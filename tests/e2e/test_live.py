"""What changes comes by itself, at once, and not under the hands of who is at work."""

from __future__ import annotations

import statistics
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from jobs.types import Failure
from tests.e2e.arrivals import arrival_ms, keys, watch_arrivals
from tests.support.jobs import failed

LIST = "#list"
LATEST = "[data-live-rows=latest]"
ENQUEUED = 5
MOST_MS = 2000  # the median on a busy machine; a quiet one takes a third of it


def is_live(page: Page) -> None:
    """Return once the page is connected."""
    expect(page.locator("[data-live-state]")).to_have_attribute("data-value", "live")


def pill(page: Page) -> Locator:
    """What tells of new jobs."""
    return page.locator("[data-pill]")


@pytest.mark.parametrize(("address", "table"), [("/jobs/", LIST), ("/", LATEST)])
def test_a_job_enqueued_by_rest_appears_at_once(visit, installation, record_property, address, table):
    page = visit().page
    page.goto(address)
    is_live(page)
    watch_arrivals(page, table)
    took = []
    for _ in range(ENQUEUED):
        started = time.time() * 1000
        job = installation.client.enqueue("noop", {})
        took.append(arrival_ms(page, job["jobId"]) - started)
    record_property("ms", took)
    print(f"{address}: {[round(ms) for ms in took]} ms, median {statistics.median(took):.0f}")
    assert statistics.median(took) < MOST_MS


def test_a_row_of_the_jobs_page_goes_on_to_what_becomes_of_its_job(visit, installation):
    page = visit().page
    page.goto("/jobs/")
    is_live(page)
    job = installation.client.enqueue("sleep-async", {"seconds": 1})
    row = page.locator(f"{LIST} tr[data-key='{job['jobId']}']")
    expect(row).to_contain_text("completed")


def test_a_filtered_list_tells_of_new_jobs_and_shows_them_on_a_click(visit, installation):
    queue = "filtered"
    installation.client.enqueue("noop", {}, queue=queue, delay=3600)
    page = visit().page
    page.goto(f"/jobs/?queue={queue}")
    is_live(page)
    before = keys(page, LIST)
    job = installation.client.enqueue("noop", {}, queue=queue, delay=3600)
    expect(pill(page)).to_be_visible()
    expect(pill(page)).to_have_text("Show what is new")
    assert keys(page, LIST) == before
    pill(page).click()
    expect(page.locator(f"{LIST} tr").nth(1)).to_have_attribute("data-key", job["jobId"])
    expect(pill(page)).to_be_hidden()


def test_a_filtered_list_of_a_state_tells_when_other_jobs_are_in_it(visit, installation):
    queue = "filtered-state"
    first, second = (installation.client.enqueue("noop", {}, queue=queue, delay=3600)["jobId"] for _ in range(2))
    installation.client.cancel(first)
    page = visit().page
    page.goto(f"/jobs/?status=cancelled&queue={queue}")
    is_live(page)
    expect(pill(page)).to_be_hidden()
    installation.client.cancel(second)
    expect(pill(page)).to_be_visible()
    pill(page).click()
    expect(page.locator(f"{LIST} tr[data-key='{second}']")).to_have_count(1)
    expect(pill(page)).to_be_hidden()


def test_rows_do_not_move_under_the_pointer(visit, installation):
    page = visit().page
    page.goto("/jobs/")
    is_live(page)
    row = page.locator(f"{LIST} tbody tr").nth(2)
    row.hover()
    before, where = keys(page, LIST), row.bounding_box()
    job = installation.client.enqueue("noop", {})
    expect(pill(page)).to_have_text("1 new")
    assert keys(page, LIST) == before
    assert row.bounding_box() == where
    pill(page).click()
    expect(page.locator(f"{LIST} tr").nth(1)).to_have_attribute("data-key", job["jobId"])


def test_a_job_that_leaves_the_list_of_its_state_is_struck_until_nobody_is_at_it(visit, installation):
    jobs = [installation.client.enqueue("noop", {}, delay=3600)["jobId"] for _ in range(2)]
    page = visit().page
    page.goto("/jobs/?status=scheduled")
    is_live(page)
    page.locator(f"{LIST} tr[data-key='{jobs[0]}']").hover()
    installation.client.cancel(jobs[1])
    gone = page.locator(f"{LIST} tr[data-key='{jobs[1]}']")
    expect(gone).to_have_class("is-gone")
    page.mouse.move(0, 0)
    expect(gone).to_have_count(0)


def test_rows_come_once_the_pointer_has_gone(visit, installation):
    page = visit().page
    page.goto("/")
    is_live(page)
    page.locator(f"{LATEST} tr").nth(2).hover()
    before = keys(page, LATEST)
    job = installation.client.enqueue("noop", {})
    expect(page.locator(LATEST)).to_have_attribute("data-live-held", "1")
    assert keys(page, LATEST) == before
    page.locator("h1").hover()
    expect(page.locator(f"{LATEST} tr").first).to_have_attribute("data-key", job["jobId"])


def test_what_is_chosen_stays_chosen_when_jobs_come(visit, installation):
    page = visit().page
    page.goto("/jobs/")
    is_live(page)
    box = page.locator(f"{LIST} tbody .select").first
    box.check()
    chosen = box.input_value()
    page.mouse.move(0, 0)
    job = installation.client.enqueue("noop", {})
    expect(pill(page)).to_have_text("1 new")
    pill(page).click()
    expect(page.locator(f"{LIST} tr").nth(1)).to_have_attribute("data-key", job["jobId"])
    expect(page.locator(f"{LIST} .select[value='{chosen}']")).to_be_checked()
    expect(page.locator("[data-selection-count]")).to_have_text("1")


def test_a_new_error_comes_to_the_dead_letters_once_the_pointer_has_gone(visit, installation):
    page = visit().page
    page.goto("/dead-letters/")
    is_live(page)
    row = page.locator("#letters tbody tr").first
    row.hover()
    failure = Failure("Unheard", "of which nobody has heard before", "", f"{time.time_ns():016x}"[-16:])
    worker = installation.kit.worker()
    claim = installation.kit.claimed(worker, queue="unheard-of")
    worker.fail([failed(claim, failure, final=True)])
    fresh = page.locator(f"#letters tr[data-key='{failure.fingerprint}']")
    dead = installation.kit.reader.state_counts()["dead"]
    expect(page.locator(".nav-count")).to_have_attribute("data-value", str(dead))
    expect(fresh).to_have_count(0)
    page.mouse.move(0, 0)
    expect(fresh).to_contain_text("of which nobody has heard before")
