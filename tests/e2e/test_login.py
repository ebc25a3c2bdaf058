"""Logging in and out in a browser."""

from tests.e2e.axe import axe
from tests.e2e.looking import hidden, overflow, tab_stops
from tests.e2e.visitors import log_in


def test_an_operator_logs_in_by_the_form_and_out_again(visit):
    page = visit("").page
    page.goto("/")
    assert page.url.endswith("/login/?next=/")
    log_in(page, "operator")
    assert page.locator("h1").inner_text() == "Overview"
    page.get_by_role("button", name="operator").click()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login/")
    page.goto("/")
    assert page.url.endswith("/login/?next=/")


def test_a_wrong_password_is_told_without_telling_which_part_was_wrong(visit):
    page = visit("").page
    log_in(page, "operator", "not the password")
    assert page.get_by_role("alert").inner_text().startswith("User name and password do not match.")
    assert page.get_by_label("User name").input_value() == "operator"
    assert page.get_by_label("Password").input_value() == ""


def test_the_login_page_is_accessible_in_both_themes(visit):
    for dark in (False, True):
        page = visit("", dark=dark).page
        page.goto("/login/")
        assert axe(page) == []


def test_the_login_page_fits_a_phone_and_shows_the_focus(visit):
    page = visit("", size="phone").page
    page.goto("/login/")
    assert overflow(page) <= 0
    assert hidden(tab_stops(page)) == []


def test_people_log_in_without_scripts(visit):
    page = visit("", javascript=False).page
    log_in(page, "viewer")
    assert page.locator("h1").inner_text() == "Overview"
