"""With scripts off one reads, searches, turns pages, and does everything that is done with one thing; so on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from jobs.states import State
from tests.e2e.looking import overflow
from tests.perf.recipe import order_of

LOOKS = ({"javascript": False}, {"javascript": False, "size": "phone", "dark": True}, {"size": "phone", "dark": True})
every_look = pytest.mark.parametrize("look", LOOKS, ids=("plain", "plain-phone", "phone"))
PAGE = 50


def expect_said(page: Page, text: str) -> None:
    """Wait until the page tells of what was done."""
    expect(page.get_by_text(text).filter(visible=True).first).to_be_visible()


def dies(installation) -> str:
    """A job that a worker has just buried."""
    job = installation.client.enqueue("raises", "ValueError")
    installation.await_state(job["jobId"], State.DEAD)
    return str(job["jobId"])


@every_look
def test_a_queue_is_paused_and_resumed(visit, installation, look):
    queue = "plain"
    installation.client.enqueue("noop", {}, queue=queue, delay=3600)
    page = visit(**look).page
    page.goto("/queues/")
    assert overflow(page) <= 0
    page.get_by_role("button", name=f"Pause {queue}", exact=True).click()
    if look.get("javascript", True):
        page.get_by_role("dialog").get_by_role("button", name=f"Pause {queue}").click()
    expect_said(page, f"Paused {queue}.")
    assert queue in installation.kit.reader.paused()
    page.get_by_role("button", name=f"Resume {queue}", exact=True).click()
    expect_said(page, f"Resumed {queue}.")
    assert queue not in installation.kit.reader.paused()


@every_look
def test_a_job_is_retried_and_deleted_over_a_page_that_asks(visit, installation, look):
    job_id = dies(installation)
    page = visit("Admin", **look).page
    page.goto(f"/jobs/{job_id}/")
    assert overflow(page) <= 0
    page.get_by_role("button", name="Retry", exact=True).click()
    expect_said(page, f"Retried job {job_id}.")
    installation.await_state(job_id, State.DEAD, executions=2)
    page.goto(f"/jobs/{job_id}/")
    page.get_by_role("link", name="Delete").click()
    expect(page.locator("main")).to_contain_text("This cannot be undone.")
    assert installation.kit.state(job_id) is State.DEAD
    page.get_by_role("button", name="Delete").click()
    expect_said(page, f"Deleted job {job_id}.")
    assert installation.kit.state(job_id) is None


def test_a_text_is_searched_step_by_step_without_scripts(visit_crowded, crowded):
    job_id = crowded.places.dead
    page = visit_crowded(javascript=False).page
    page.goto("/dead-letters/jobs/")
    page.get_by_label("Search jobs").fill(order_of(int(job_id[2:], 16)))
    page.get_by_role("button", name="Search", exact=True).click()
    row = page.locator(f"tr[data-key='{job_id}']")
    more = page.get_by_role("link", name="Search on")
    while not row.count():
        more.click()
    row.get_by_role("link").first.click()
    expect(page.locator("main")).to_contain_text("no route to host")


def test_pages_are_turned_without_scripts_and_nothing_comes_twice(visit_crowded):
    page = visit_crowded(javascript=False).page
    page.goto("/jobs/?status=pending")
    seen: list[str] = []
    for _ in range(3):
        rows = page.locator("#list tr[data-key]").evaluate_all("(rows) => rows.map((row) => row.dataset.key)")
        assert len(rows) == PAGE
        seen += rows
        page.get_by_role("link", name="Older").click()
        page.wait_for_url(re.compile("cursor="))
    assert len(set(seen)) == 3 * PAGE
    page.get_by_role("link", name="Latest").click()
    expect(page.locator("#list tr[data-key]").first).to_have_attribute("data-key", seen[0])
