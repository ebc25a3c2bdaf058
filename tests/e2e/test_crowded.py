"""Pages of an installation with many jobs."""

import pytest
from playwright.sync_api import expect

from tests.e2e.arrivals import keys
from tests.e2e.pages import PAGES, address_of
from tests.perf.recipe import BROKEN_TYPE


def test_every_page_opens_on_many_jobs(visit_crowded, crowded):
    window = visit_crowded("Admin").page
    for page in PAGES:
        answer = window.goto(address_of(page, crowded.places))
        assert answer.status == 200, page.name


def test_the_overview_counts_many_jobs(visit_crowded, crowded):
    window = visit_crowded("Viewer").page
    window.goto("/")
    text = window.locator("main").inner_text()
    counts = crowded.kit.reader.state_counts()
    assert counts["pending"] == crowded.recipe.jobs - crowded.recipe.settled
    assert counts["dead"] >= crowded.recipe.dead - crowded.recipe.largest_group  # which may have been retried
    for state in ("pending", "dead"):
        assert f"{counts[state]:,}" in text


@pytest.mark.parametrize(("role", "boxes"), [("Operator", 1), ("Viewer", 0)])
def test_rows_come_without_asking_and_have_boxes_for_who_may_choose(visit_crowded, crowded, role, boxes):
    page = visit_crowded(role).page
    page.goto("/jobs/")
    expect(page.locator("[data-live-state]")).to_have_attribute("data-value", "live")
    before = keys(page, "#list")
    words = page.locator(f"#list tr[data-key='{before[0]}'] .col-words")
    payload = words.inner_text()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    job = crowded.client.enqueue(BROKEN_TYPE, {"order": "unseen"}, delay=3600)
    row = page.locator(f"#list tr[data-key='{job['jobId']}']")
    expect(row).to_contain_text("scheduled")
    assert keys(page, "#list") == [job["jobId"], *before[:-1]]
    assert (asked, words.inner_text()) == ([], payload)
    assert row.locator(".select").count() == boxes
    assert "unseen" not in row.inner_text()
    page.get_by_role("link", name="Older").click()
    page.wait_for_url("**cursor=**")
    assert keys(page, "#list")[0] == before[-1]
