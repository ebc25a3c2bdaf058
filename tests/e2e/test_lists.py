"""Lists of jobs are filtered, saved, exported and gone through by the keyboard, and a job is enqueued by hand."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import axe
from tests.e2e.looking import overflow

MENUS = {"filter-menu": "Filter", "views": "Views", "export": "Export", "columns": "Columns"}


def said(page: Page, text: str):
    """Where the page tells what has happened: as a toast, or without scripts above its content."""
    return page.locator(".toast-text:visible, .messages li:visible").filter(has_text=text)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_menus_of_a_list_are_whole(visit, installation, size, dark):
    page = visit(size=size, dark=dark).page
    page.goto("/jobs/?queue=default&createdAfter=-1h")
    for name, word in MENUS.items():
        page.get_by_role("button", name=word, exact=True).click()
        expect(page.locator(f"#{name}")).to_be_visible()
        assert axe(page) == [], name
        assert overflow(page) <= 0, name
        page.keyboard.press("Escape")
        expect(page.locator(f"#{name}")).to_be_hidden()


def test_words_in_the_search_field_become_filters_that_can_be_taken_off(visit, installation):
    page = visit().page
    page.goto("/jobs/")
    page.keyboard.press("/")
    page.keyboard.type("queue:mail tag:vip 4711")
    page.keyboard.press("Enter")
    page.wait_for_url("**/jobs/?**")
    assert page.url.endswith("/jobs/?queue=mail&tag=vip&q=4711") or "q=4711&queue=mail&tag=vip" in page.url
    expect(page.get_by_label("Search jobs")).to_have_value("4711")
    page.get_by_role("link", name="Remove the filter queue: mail").click()
    page.wait_for_url(lambda url: "queue=mail" not in url)
    assert "tag=vip" in page.url


@pytest.mark.parametrize(("zone", "hours"), [("Local", 5), ("UTC", 0)])
def test_exact_times_are_of_the_zone_that_is_chosen(visit, installation, zone, hours):
    page = visit().page
    page.context.new_cdp_session(page).send("Emulation.setTimezoneOverride", {"timezoneId": "America/New_York"})
    page.goto("/settings/")
    page.locator("main").get_by_role("button", name=zone).click()
    page.goto("/jobs/?createdAfter=2026-01-31T08:00:00Z")
    page.get_by_role("button", name="Filter", exact=True).click()
    expect(page.get_by_label("Enqueued since", exact=True)).to_have_value(f"2026-01-31T{8 - hours:02}:00")
    page.get_by_label("Enqueued before").fill("2026-02-01T09:30:00")
    page.get_by_role("button", name="Show these").click()
    page.wait_for_url("**createdBefore**")
    before = page.evaluate("new URL(location).searchParams.get('createdBefore')")
    assert before == f"2026-02-01T{9 + hours:02}:30:00.000Z"
    page.get_by_role("button", name="Filter", exact=True).click()
    page.get_by_label("Enqueued within").select_option("last 24 h")
    page.get_by_role("button", name="Show these").click()
    page.wait_for_url("**createdAfter=-24h**")


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without"])
def test_a_list_is_filtered_saved_and_found_again(visit, installation, javascript):
    page = visit(javascript=javascript).page
    page.goto("/jobs/")
    page.get_by_role("button", name="Filter", exact=True).click()
    menu = page.locator("#filter-menu")
    menu.get_by_label("Queue", exact=True).fill("default")
    menu.get_by_label("normal").check()
    menu.get_by_role("button", name="Show these").click()
    page.wait_for_url("**/jobs/?queue=default&priority=normal")
    page.get_by_role("button", name="Views", exact=True).click()
    page.get_by_label("Save this list as").fill("normal ones")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(said(page, "The view normal ones is saved.")).to_be_visible()
    page.goto("/jobs/")
    page.get_by_role("button", name="Views", exact=True).click()
    page.get_by_role("link", name="normal ones").click()
    page.wait_for_url("**/jobs/?queue=default&priority=normal")
    page.get_by_role("button", name="Views", exact=True).click()
    page.get_by_role("button", name="Delete the view normal ones").click()
    expect(said(page, "The view normal ones is deleted.")).to_be_visible()


def test_rows_are_gone_through_by_the_keyboard_from_the_first_moment(visit, installation):
    page = visit().page
    page.goto("/jobs/?status=dead")
    for key in ("j", "j", "k", "x"):
        page.keyboard.press(key)
    expect(page.locator("[data-selection-count]")).to_have_text("1")
    page.keyboard.press("Escape")
    expect(page.locator("[data-selection]")).to_be_hidden()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/jobs/[^/?]+/$"))


def test_what_is_listed_is_exported(visit, installation, tmp_path: Path):
    page = visit().page
    page.goto("/dead-letters/jobs/")
    ids = page.locator("tbody[data-rows] tr").evaluate_all("rows => rows.map((row) => row.dataset.key)")
    page.get_by_role("button", name="Export", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename.startswith("dead-jobs-")
    download.value.save_as(tmp_path / "jobs.csv")
    with (tmp_path / "jobs.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["jobId"] for row in rows][: len(ids)] == ids
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_a_job_is_enqueued_by_hand_from_the_palette(visit, installation):
    page, watch = visit()
    page.goto("/")
    page.keyboard.press("Control+k")
    page.keyboard.type("enqueue a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/jobs/new/")
    page.get_by_label("Type").fill("raises")
    page.get_by_label("Payload").fill("{nonsense")
    with watch.expecting("answer: 422 POST"):
        page.get_by_role("button", name="Enqueue").click()
        expect(page.locator("#e-payload")).to_contain_text("This is no JSON")
    assert axe(page) == []
    page.get_by_label("Payload").fill('"ValueError"')
    page.get_by_text("More options").click()
    page.get_by_label("Start in").fill("2 h")
    page.get_by_role("button", name="Enqueue").click()
    expect(page.locator(".page-head .state")).to_have_text("scheduled")
    installation.client.cancel(page.url.split("/")[-2])
