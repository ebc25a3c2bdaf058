"""What operators come for: which queue, which error, since when, why; and a queue that must stop now."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

SLOTS = 20  # of the worker
PATIENCE_MS = 30_000


def row_of(page: Page, queue: str) -> Locator:
    """The row of a queue."""
    return page.locator(f"table.queues tr[data-key='{queue}']")


def pauses(page: Page, queue: str) -> None:
    """Pause a queue with two clicks."""
    row_of(page, queue).get_by_role("button", name="Pause").click()
    page.get_by_role("button", name=f"Pause {queue}", exact=True).last.click()
    expect(page.locator("#toasts")).to_contain_text(f"Paused {queue}.")


def test_the_overview_says_which_error_is_most_frequent_and_since_when(visit_crowded):
    page = visit_crowded("Viewer").page
    page.goto("/")
    [group] = page.context.request.get("/api/dlq/groups?limit=1").json()["items"]
    told = page.locator("#first-error")
    expect(told).to_have_text(re.compile(rf"Most frequent error(?: now)?: {group['count']:,} dead {group['types'][0]}"))
    expect(told).to_have_text(re.compile(r"first \d+ \w+ ago, last \d+ \w+ ago"))
    expect(told).to_contain_text("no route to host")


def test_a_queue_is_paused_seen_so_everywhere_and_resumed(visit, installation):
    queue = "must-stop"
    job = installation.client.enqueue("noop", {}, queue=queue)
    page, elsewhere = visit().page, visit("Viewer").page
    page.goto("/")
    elsewhere.goto("/queues/")
    pauses(page, queue)
    expect(row_of(page, queue)).to_contain_text("paused")
    for each in (page, elsewhere):
        expect(row_of(each, queue)).to_contain_text("Paused by hand")
        expect(each.locator(".bar .health")).to_contain_text(f"{queue} is paused: 1 job waiting")
    elsewhere.goto(f"/jobs/{job['jobId']}/")
    expect(elsewhere.locator(".timeline")).to_contain_text(f"The queue {queue} is paused")
    row_of(page, queue).get_by_role("button", name="Resume").click()
    expect(page.locator("#toasts")).to_contain_text(f"Resumed {queue}.")
    expect(row_of(page, queue)).not_to_contain_text("paused")
    expect(elsewhere.locator(".timeline")).not_to_contain_text("is paused")
    expect(elsewhere.locator(".bar .health")).not_to_contain_text("is paused")


def test_a_pause_is_taken_back_by_the_button_in_what_tells_of_it(visit, installation):
    queue = "paused-too-soon"
    installation.client.enqueue("noop", {}, queue=queue)
    page = visit().page
    page.goto("/queues/")
    pauses(page, queue)
    told, buttons = page.locator(".toast").bounding_box(), row_of(page, queue).locator(".row-actions").bounding_box()
    assert told
    assert buttons
    assert told["x"] + told["width"] < buttons["x"]  # it stays for seconds: no row's buttons may be under it
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("#toasts")).to_contain_text(f"Resumed {queue}.")
    assert queue not in installation.kit.reader.paused()


def test_a_queue_without_workers_says_so_in_its_row_and_in_the_headline(visit, installation):
    queue = "nobody-serves"
    installation.client.enqueue("noop", {}, queue=queue)
    page = visit("Viewer").page
    page.goto("/")
    expect(row_of(page, queue)).to_contain_text("no workers")
    expect(row_of(page, queue)).to_contain_text("No live worker serves this queue")
    page.goto("/workers/")
    expect(page.locator("main")).to_contain_text(queue)


def test_a_queue_whose_workers_are_all_busy_says_that_a_limit_is_reached(visit, installation):
    jobs = [{"type": "rests", "payload": {"seconds": 60}, "timeout": 120}] * (2 * SLOTS)
    ids = [job_id for _, job_id in installation.client.enqueue_many(jobs).accepted]
    try:
        page = visit("Viewer").page
        page.goto("/")
        row = row_of(page, "rests")
        expect(row).to_contain_text("limit", timeout=PATIENCE_MS)
        expect(row).to_contain_text(f"All {SLOTS} slots are busy and the pool has its most workers")
        expect(page.locator("#troubled tr[data-key=rests]")).to_be_visible()
    finally:
        installation.kit.operator.cancel(ids, "seen")
    expect(page.locator("#others tr[data-key=rests]")).to_contain_text("keeps up")
