"""Every page for everybody, in both themes, from a small phone to a wide screen."""

from __future__ import annotations

import pytest

from tests.e2e.axe import axe
from tests.e2e.looking import hidden, overflow, tab_stops, unfold
from tests.e2e.pages import PAGES, ROLES, address_of
from tests.e2e.visitors import SIZES

# The focus is in the content, unless nothing there can have it.
IN_THE_CONTENT = """() => {
    const main = document.querySelector("main");
    return main.contains(document.activeElement) ||
        !main.querySelector("a[href], button, input, select, textarea, summary, [tabindex='0']");
}"""
# Colours are the same in every size, and a wide screen has what a desktop has.
THEMES = {"phone": ("light", "dark"), "desktop": ("light",), "wide": ()}
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@every_page
@pytest.mark.parametrize("role", ROLES)
def test_a_page_is_whole_for_a_role_in_every_look(walk, installation, page, role):
    window, watch = walk(role)
    address = address_of(page, installation.places)
    if role not in page.roles:
        with watch.expecting("answer: 403 GET"):
            window.goto(address)
        return
    answer = window.goto(address)
    assert answer.status == 200
    assert window.title().endswith("QueueFlow")
    assert window.locator("h1").count() == 1
    # Others see less of the same page, and lists of some jobs are the list of all with other rows: one look does.
    sees_all = role == page.roles[-1] and not page.path.startswith("/jobs/?")
    for size, (width, height) in SIZES.items() if sees_all else [("phone", SIZES["phone"])]:
        unfold(window, width, height)
        assert overflow(window) <= 0, size
        for theme in THEMES[size] if sees_all else ():
            window.emulate_media(color_scheme=theme, reduced_motion="reduce")
            assert axe(window) == [], (size, theme)


@every_page
def test_a_page_can_be_read_without_scripts(walk, installation, page):
    window = walk(page.roles[-1], javascript=False).page
    answer = window.goto(address_of(page, installation.places))
    assert answer.status == 200
    assert window.locator("h1").count() == 1
    assert len(window.locator("main").inner_text()) > 20


@every_page
def test_the_tab_key_skips_to_the_content_or_goes_through_the_page_and_shows_where_it_is(walk, installation, page):
    window = walk(page.roles[-1]).page
    window.goto(address_of(page, installation.places))
    stops = tab_stops(window)
    assert hidden(stops) == []
    skip = window.locator("a", has_text="Skip to").first
    assert stops[0]["name"] == skip.evaluate("link => link.outerHTML.slice(0, 120)")
    skip.focus()
    window.keyboard.press("Enter")
    window.wait_for_url("**#*")
    window.keyboard.press("Tab")
    assert window.evaluate(IN_THE_CONTENT)
