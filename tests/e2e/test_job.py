"""The page of a job follows it."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from jobs.states import State

STEPS = 600  # of a fifth of a second


def starts(installation) -> str:
    """A job that is running now, and says how far it is."""
    job = installation.client.enqueue("tells-how-far-it-is", {"steps": STEPS}, timeout=300)
    installation.await_state(job["jobId"], State.ACTIVE)
    return str(job["jobId"])


def state_of(page: Page) -> Locator:
    """Where the page says in which state its job is."""
    return page.locator(".page-head .state")


def test_progress_and_log_of_a_running_job_move_and_it_is_cancelled(visit, installation):
    job_id = starts(installation)
    page = visit().page
    page.goto(f"/jobs/{job_id}/")
    expect(state_of(page)).to_have_text("active")
    step = page.get_by_text(re.compile(r"^step \d+$"))
    first = step.inner_text()
    expect(step).not_to_have_text(first)
    expect(page.get_by_role("log")).to_contain_text("line 3")
    page.get_by_role("link", name="Cancel").click()
    page.get_by_label("Reason").fill("it takes too long")
    page.get_by_role("button", name="Cancel").click()
    expect(state_of(page)).to_have_text("cancelled")
    expect(page.locator(".timeline")).to_contain_text("was cancelled after")


def test_the_stack_of_a_running_job_is_shown_on_request_and_stays(visit, installation):
    job_id = starts(installation)
    page = visit("Admin").page
    page.goto(f"/jobs/{job_id}/")
    page.get_by_role("link", name="Show the Python stack").click()
    stack = page.locator("#job-stack")
    expect(stack).to_contain_text("tests/e2e/handlers.py")
    expect(stack).to_contain_text("in tell")
    step = page.get_by_text(re.compile(r"^step \d+$"))
    expect(step).not_to_have_text(step.inner_text())
    expect(stack).to_contain_text("in tell")
    installation.client.cancel(job_id)


def test_the_time_until_a_retry_counts_down_and_the_job_dies_before_ones_eyes(visit, installation):
    backoff = {"base": 6.0, "factor": 1.0, "max": 6.0, "jitter": 0.0}
    job = installation.client.enqueue("raises", "ValueError", max_retries=1, backoff=backoff)
    installation.await_state(job["jobId"], State.RETRYING)
    page = visit().page
    page.goto(f"/jobs/{job['jobId']}/")
    expect(state_of(page)).to_have_text("retrying")
    due = page.locator(".timeline .timeline-when time").last
    expect(due).to_have_text(re.compile(r"in [1-6] s"))
    before = due.inner_text()
    expect(due).not_to_have_text(before)
    expect(state_of(page)).to_have_text("dead")
    expect(page.get_by_role("heading", name="Errors")).to_be_visible()
    assert page.locator("details.fold").count() == 2
