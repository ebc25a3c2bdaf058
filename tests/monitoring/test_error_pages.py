"""What a person sees where something went wrong: what happened, what to do next, a way back, in the product's look."""

from __future__ import annotations

import re

import pytest
from django.http import HttpRequest
from django.test import Client

from jobs.api import handlers

EVIL = "<script>alert(1)</script>"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def shown(answer, status):
    """The text of an error page, which is whole and leads back."""
    html = answer.content.decode()
    assert answer.status_code == status, html
    assert 'class="trouble"' in html
    assert re.search(r'<a class="button primary" href="/">Overview</a>', html)
    assert "css/tokens" in html
    assert not re.search(r" style=| on\w+=|<script>", html)
    return " ".join(re.sub(r"<[^>]+>", " ", html[html.index('class="trouble"') :]).split())


def test_an_address_without_a_page_is_said_as_text(person, kit):
    page = person().get(f"/nothing/{EVIL}/")
    assert "No page has the address /nothing/%3Cscript%3Ealert%281%29%3C/script%3E/ ." in shown(page, 404)
    assert 'aria-current="page"' not in page.content.decode()
    assert 'href="/jobs/"' in page.content.decode()


def test_who_has_not_logged_in_gets_the_same_without_the_frame(db):
    page = Client().get("/nothing/")
    assert "There is nothing here" in shown(page, 404)
    assert "<nav" not in page.content.decode()


def test_who_lacks_a_right_is_told_which_and_who_can_grant_it(person, kit):
    text = shown(person("Viewer", "vera").get("/audit/"), 403)
    assert "You lack a right: can read the audit trail." in text
    assert "An administrator can grant it to vera" in text
    assert "Nothing was done" not in text


def test_a_form_with_a_foreign_token_is_refused_and_says_how_to_go_on(person, kit):
    known = person()
    client = Client(enforce_csrf_checks=True)
    client.cookies = known.cookies
    client.get("/jobs/new/")
    text = shown(client.post("/queues/mail/pause/", {"csrfmiddlewaretoken": "x" * 64}), 403)
    assert "Its token does not fit" in text
    assert "Nothing was done." in text
    assert "load that page again" in text


def test_a_form_without_a_cookie_is_told_what_is_missing(db):
    assert "The browser sent no cookie" in shown(Client(enforce_csrf_checks=True).post("/login/", {}), 403)


def test_an_address_of_a_button_is_a_page_that_says_so_to_a_browser(person, kit):
    client = person()
    page = client.get("/queues/mail/pause/", headers=BROWSER)
    assert "/queues/mail/pause/ is where a button sends its form" in shown(page, 405)
    assert page["Allow"] == "POST"
    plain = client.get("/queues/mail/pause/")
    assert (plain.status_code, plain["Allow"], plain.content) == (405, "POST", b"")
    assert kit.store.reader.paused() == {}


def test_a_failure_is_a_page_without_store_database_or_request():
    # No fixture starts a store here, and none lets a test ask the database: pytest-django would fail it.
    request = HttpRequest()
    request.path = "/jobs/"
    text = shown(handlers.server_error(request), 500)
    assert "what is stored is safe, and workers go on" in text
    assert re.search(r"the log of the web process says why, at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", text)


def test_a_host_that_is_not_ours_is_a_page_that_says_what_to_set():
    text = shown(Client().get("/", headers={"Host": "evil.example"}), 400)
    assert "ALLOWED_HOSTS" in text
    assert "evil.example" not in text


def test_a_job_that_is_gone_leads_to_those_that_are_there(api, kit, person):
    page = person().get("/jobs/nothing/")
    html = page.content.decode()
    assert page.status_code == 404
    assert "It may have been deleted, or pruned after its retention." in html
    assert re.search(r'<a class="button" href="/jobs/">.*?All jobs</a>', html)


@pytest.mark.parametrize(
    ("address", "reason"), [("/queues/none/", "queue.</p>"), ("/operations/none/", "the oldest are forgotten.</p>")]
)
def test_only_jobs_are_said_to_be_pruned(api, kit, person, address, reason):
    html = person().get(address).content.decode()
    assert "pruned" not in html
    assert reason in html
