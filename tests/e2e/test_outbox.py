"""What the store has refused is sent again, or deleted, with scripts and without, on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from jobs.states import State
from tests.e2e.axe import axe
from tests.e2e.looking import overflow
from tests.e2e.test_without_scripts import LOOKS, expect_said
from tests.support.polling import wait_until

WHY = "invalid: there are 1000 queues already"
REFUSED = """
from jobs.clock import local_ms
from jobs.models import OutboxEntry
from jobs.outbox import Item
from jobs.outbox.item import entry_of
from tests.support.jobs import request

for name in {names}:
    entry = entry_of(Item(request(name, type="noop"), local_ms()))
    entry.refused, entry.tries = "{why}", 1
    entry.save()
"""
ROW = "tr[data-key='{}']"


@pytest.fixture
def refuse(installation):
    """Return a function that puts refused jobs into the outbox; what is left of them goes after the test."""

    def put(*names: str) -> None:
        installation.shell(REFUSED.format(names=names, why=WHY))

    yield put
    installation.shell("from jobs.models import OutboxEntry; OutboxEntry.objects.all().delete()")


def whole(page: Page) -> bool:
    """Whether a page fits its window and is accessible in both themes."""
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        assert axe(page) == [], theme
    return overflow(page) <= 0


@pytest.mark.parametrize("look", LOOKS[1:], ids=("plain-phone", "phone"))
def test_a_refused_job_is_sent_again_and_another_one_deleted(visit, installation, refuse, look):
    refuse("to-send", "to-delete")
    page = visit(**look).page
    page.goto("/outbox/")
    page.get_by_role("link", name="See why").click()
    expect(page.locator(ROW.format("to-send"))).to_contain_text(WHY)
    if look.get("javascript", True):
        assert whole(page)
    page.get_by_role("button", name="Send again to-send").click()
    expect_said(page, "The job waits again.")
    expect(page.locator(ROW.format("to-send"))).to_have_count(0)
    page.get_by_role("button", name="Delete to-delete").click()
    if look.get("javascript", True):
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("nobody has it, and it never runs")
        assert whole(page)
        dialog.get_by_role("button", name="Delete").click()
    expect_said(page, "The job is deleted.")
    expect(page.get_by_role("heading", name="No job was refused")).to_be_visible()
    assert installation.kit.state("to-delete") is None


def test_all_that_were_refused_are_sent_again_and_run(visit, installation, refuse):
    refuse("one-of-all", "another-of-all")
    page = visit().page
    page.goto("/outbox/?refused=true")
    assert whole(page)
    page.get_by_role("button", name="Send all again").click()
    expect_said(page, "The refused jobs wait again.")
    for name in ("one-of-all", "another-of-all"):
        wait_until(lambda: installation.kit.state(name) is State.COMPLETED)  # noqa: B023 - it is awaited here


def test_a_job_that_is_sent_again_runs(visit, installation, refuse):
    refuse("to-run")
    page = visit().page
    page.goto("/outbox/?refused=true")
    page.get_by_role("button", name="Send again to-run").click()
    expect_said(page, "The job waits again.")
    wait_until(lambda: installation.kit.state("to-run") is State.COMPLETED)


def test_a_viewer_sees_why_and_has_no_buttons(visit, refuse):
    refuse("to-look-at")
    page = visit("Viewer").page
    page.goto("/outbox/?refused=true")
    expect(page.locator(ROW.format("to-look-at"))).to_contain_text(WHY)
    assert page.locator("main").get_by_role("button").count() == 0
    assert whole(page)
