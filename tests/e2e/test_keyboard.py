"""Everything by keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from jobs.states import State

QUEUE = "by-keyboard"
INSIDE = "() => document.activeElement.closest('dialog[open]') !== null"
FOCUSED_KEY = "() => document.activeElement.closest('tr')?.dataset.key"


@pytest.fixture
def waiting(installation) -> list[str]:
    """Three jobs of a queue of their own that will not run for a while, latest first."""
    return [installation.client.enqueue("noop", {}, queue=QUEUE, delay=3600)["jobId"] for _ in range(3)][::-1]


def palette(page: Page) -> Locator:
    """What ⌘K opens."""
    return page.get_by_role("dialog", name="Find")


def test_the_palette_leads_to_a_job_by_its_id_and_to_pages(visit, installation, waiting):
    page = visit().page
    page.goto("/")
    page.keyboard.press("Control+k")
    expect(palette(page)).to_be_visible()
    page.keyboard.type(waiting[0])
    expect(palette(page).get_by_role("option")).to_have_text([f"Open job {waiting[0]}"])
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/jobs/{waiting[0]}/")
    page.keyboard.press("Control+k")
    page.keyboard.type("dead lett")
    expect(palette(page).get_by_role("option").first).to_contain_text("Dead letters")
    page.keyboard.press("Enter")
    page.wait_for_url("**/dead-letters/")


def test_g_and_a_letter_lead_to_a_page(visit):
    page = visit().page
    page.goto("/")
    key = page.locator(".nav a[href='/jobs/']").get_attribute("data-key")
    page.keyboard.press("g")
    page.keyboard.press(str(key))
    page.wait_for_url("**/jobs/")


def test_slash_searches_and_escape_gives_the_keys_back(visit):
    page = visit().page
    page.goto(f"/jobs/?queue={QUEUE}")
    page.keyboard.press("/")
    expect(page.get_by_label("Search jobs")).to_be_focused()
    page.keyboard.type("jk?")
    expect(page.get_by_label("Search jobs")).to_have_value("jk?")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


def test_j_and_k_go_through_the_rows_and_enter_opens_one(visit, waiting):
    page = visit().page
    page.goto(f"/jobs/?queue={QUEUE}")
    for key, place in (("j", 0), ("j", 1), ("j", 2), ("k", 1)):
        page.keyboard.press(key)
        assert page.evaluate(FOCUSED_KEY) == waiting[place]
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/jobs/{waiting[1]}/")


def test_x_chooses_rows_for_the_bar_and_escape_gives_them_up(visit, installation, waiting):
    page = visit().page
    page.goto(f"/jobs/?queue={QUEUE}")
    bar = page.locator("[data-selection]")
    expect(bar).to_be_hidden()
    for key in ("j", "x", "j", "j", "X"):
        page.keyboard.press(key)
    expect(bar.locator("[data-selection-count]")).to_have_text("3")
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    page.keyboard.press("x")
    bar.get_by_role("button", name="Cancel", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Cancel 1 job").focus()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("1 done of 1")
    assert installation.kit.states(waiting) == [State.SCHEDULED, State.SCHEDULED, State.CANCELLED]


def test_dialogs_keep_the_focus_and_give_it_back(visit, installation):
    queue = "asked-about"
    installation.client.enqueue("noop", {}, queue=queue, delay=3600)
    page = visit().page
    page.goto("/queues/")
    button = page.get_by_role("button", name=f"Pause {queue}")
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name=f"Pause {queue}?")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    for _ in range(6):
        page.keyboard.press("Tab")
        assert page.evaluate(f"() => document.activeElement === document.body || ({INSIDE})()")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(button).to_be_focused()
    assert queue not in installation.kit.reader.paused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
