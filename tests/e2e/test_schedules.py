"""A schedule in a browser, from the first key that is typed to its end, with a scheduler that enqueues what is due."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import axe
from tests.e2e.looking import overflow
from tests.e2e.watching import Watch

NAME = "each-second"
HERE = f"/schedules/{NAME}/"
PAYLOAD = '{"order": 12345678901234567890}'
END = f"from schedules.models import Schedule; Schedule.objects.filter(name={NAME!r}).delete()"


@pytest.fixture
def scheduler(installation) -> Iterator[None]:
    """Let a scheduler run, and leave no schedule behind that another one would go on with."""
    with installation.scheduler():
        yield
    installation.shell(END)


def types_and_sees_what_it_means(page: Page) -> None:
    """Fill the form of a new schedule, whose expression is told while it is typed."""
    preview = page.locator("#preview")
    page.get_by_label("Cron expression").press_sequentially("*/1 * *", delay=10)
    expect(preview).to_contain_text("Not a cron expression")
    page.get_by_label("Cron expression").fill("0 3 * * MON-FRI")
    page.get_by_label("Time zone").fill("Europe/Berlin")
    expect(preview).to_contain_text("At 03:00 on Monday through Friday")
    expect(preview.locator("li")).to_have_count(5)
    expect(preview.locator("li").first).to_contain_text(", 03:00 CE")
    page.get_by_label("Cron expression").fill("* * * * * *")
    expect(preview).to_contain_text("Every second")
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Type", exact=True).fill("noop")
    page.get_by_label("Payload").fill(PAYLOAD)


def sees_it_tick(page: Page) -> None:
    """Wait until a tick and its job have come by themselves: nobody loads the page again."""
    ticks = page.get_by_role("region", name="Past ticks").locator("tbody tr")
    expect(ticks.first).to_contain_text("enqueued")
    expect(page.get_by_role("link", name="completed").first).to_be_visible()


def runs_it_now(page: Page) -> str:
    """Enqueue its job by hand and go to it. Returns its id."""
    page.get_by_role("button", name="Run now").click()
    page.locator("#toasts").get_by_role("link", name="Show it").click()
    page.wait_for_url("**/jobs/*/")
    return page.url.split("/")[-2]


def changes_it(page: Page, watch: Watch) -> None:
    """Save another expression, at the second try."""
    page.goto(HERE)
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Cron expression").fill("61 * * * *")
    with watch.expecting("answer: 422 POST"):
        page.get_by_role("button", name="Save").click()
        expect(page.locator("#e-cron")).to_contain_text("not a cron expression")
    expect(page.get_by_label("Payload")).to_have_value(PAYLOAD)
    assert (axe(page), overflow(page)) == ([], 0)
    page.get_by_label("Cron expression").fill("@daily")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".of-when")).to_contain_text("At 00:00 every day")


def test_a_schedule_is_made_ticks_is_run_paused_changed_and_deleted(installation, visit, scheduler):
    page, watch = visit("Admin")
    page.goto("/schedules/")
    page.get_by_role("link", name="New schedule").click()
    types_and_sees_what_it_means(page)
    page.get_by_role("button", name="Create the schedule").click()
    expect(page.locator("#toasts")).to_contain_text(f"{NAME} is on.")
    sees_it_tick(page)
    page.get_by_role("button", name=f"Pause {NAME}").click()
    expect(page.locator("#toasts")).to_contain_text(f"Paused {NAME}.")
    expect(page.locator("#schedule .pill")).to_have_text("paused")
    assert (axe(page), overflow(page)) == ([], 0)
    assert installation.kit.envelope(runs_it_now(page)).payload.decode() == PAYLOAD
    changes_it(page, watch)
    page.keyboard.press("Control+k")
    page.keyboard.type(NAME)
    expect(page.get_by_role("dialog", name="Find").get_by_role("option").first).to_contain_text("schedule, paused")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name=f"Delete {NAME}").click()
    page.wait_for_url("**/schedules/")
    expect(page.locator("#toasts")).to_contain_text(f"Deleted {NAME}.")
    expect(page.locator(f"tr[data-key={NAME}]")).to_have_count(0)
