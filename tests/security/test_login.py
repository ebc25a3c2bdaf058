"""One page to log in at, whoever asks for it; who guesses has to wait, and learns nothing about names."""

from __future__ import annotations

import time
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from django.contrib.auth import get_user_model
from django.test import Client, override_settings

from jobs.access.throttle import LOGINS_OF_A_NAME, LOGINS_OF_AN_ADDRESS
from jobs.web.login import throttle
from tests.api.conftest import api, api_config, key, use

__all__ = ["api", "api_config", "key", "use"]

ADDRESS_BURST, NAME_BURST = LOGINS_OF_AN_ADDRESS[0], LOGINS_OF_A_NAME[0]


@pytest.fixture(autouse=True)
def people(db):
    """Let ada be of the staff, bob not, and eve be gone."""
    throttle.cache_clear()
    users = get_user_model().objects
    users.create_superuser("ada", password="right")
    users.create_user("bob", password="right")
    users.create_user("eve", password="right", is_active=False)


def attempt(name="ada", password="wrong", *, address="192.0.2.1", path="/login/", client=None):
    client = client or Client()
    return client.post(path, {"username": name, "password": password}, REMOTE_ADDR=address)


def exhaust(name="ada", address="192.0.2.1"):
    """Guess until there are no attempts left."""
    while attempt(name, address=address).status_code != 429:
        pass


class Text(HTMLParser):
    """What a page says, without its token."""

    def __init__(self, page):
        super().__init__()
        self.words = []
        self.fields = []
        self.feed(page.content.decode())

    def handle_starttag(self, tag, attrs):
        if tag == "input" and dict(attrs).get("name") != "csrfmiddlewaretoken":
            self.fields.append(sorted((name, value or "") for name, value in attrs))

    def handle_data(self, data):
        self.words.append(data.strip())


def said(page):
    found = Text(page)
    return found.words, found.fields


def test_a_wrong_password_is_refused_in_the_same_words_for_every_name(api):
    pages = {name: attempt(name, address=f"192.0.2.{at}") for at, name in enumerate(["ada", "nobody", "eve"])}
    words = [repr(said(page)).replace(name, "NAME") for name, page in pages.items()]
    assert len(set(words)) == 1
    assert {page.status_code for page in pages.values()} == {200}


def test_who_guesses_too_often_is_told_to_wait(api):
    exhaust()
    page = attempt()
    assert page.status_code == 429
    assert 1 <= int(page["Retry-After"]) <= LOGINS_OF_A_NAME[1]
    assert f"Try again in {page['Retry-After']} seconds" in page.content.decode()
    assert (page["RateLimit-Limit"], page["RateLimit-Remaining"]) == (str(LOGINS_OF_A_NAME[0]), "0")
    assert int(page["RateLimit-Reset"]) >= int(page["Retry-After"])
    assert "registration/login.html" in [template.name for template in page.templates]
    assert 'value="ada"' in page.content.decode()


@pytest.mark.parametrize("name", ["ada", "nobody", "eve"])
def test_the_right_password_does_not_help_who_has_to_wait(api, name):
    exhaust(name)
    client = Client()
    assert attempt(name, "right", address="192.0.2.99", client=client).status_code == 429
    assert "_auth_user_id" not in client.session


def test_no_password_is_checked_for_who_has_to_wait(api, monkeypatch):
    exhaust()

    def check(*args, **kwargs):
        raise AssertionError("it is checked")

    monkeypatch.setattr("django.contrib.auth.forms.authenticate", check)
    assert attempt().status_code == 429


def test_an_address_has_to_wait_whatever_names_it_tries(api):
    codes = [attempt(f"name{number}").status_code for number in range(ADDRESS_BURST + 1)]
    assert codes == [200] * ADDRESS_BURST + [429]
    assert attempt("ada", "right", address="192.0.2.2").status_code == 302


def test_logging_in_often_is_no_guessing(api):
    assert {attempt("ada", "right").status_code for _ in range(2 * ADDRESS_BURST)} == {302}


def test_the_admin_sends_people_to_the_same_page(api):
    client = Client()
    asked = client.get("/admin/jobs/apikey/", follow=True)
    assert asked.request["PATH_INFO"] == "/login/"
    assert asked.request["QUERY_STRING"] == "next=%2Fadmin%2Fjobs%2Fapikey%2F"
    done = attempt("ada", "right", path="/login/?next=/admin/jobs/apikey/", client=client)
    assert (done.status_code, done["Location"]) == (302, "/admin/jobs/apikey/")
    assert client.get("/admin/jobs/apikey/").status_code == 200


def test_the_admin_has_no_way_in_of_its_own(api):
    client = Client()
    tried = attempt("ada", "right", path="/admin/login/?next=/admin/", client=client)
    assert (tried.status_code, tried["Location"]) == (302, "/login/?next=/admin/")
    assert "_auth_user_id" not in client.session
    exhaust()
    assert attempt("ada", "right", path="/login/?next=/admin/").status_code == 429


def test_who_may_not_see_the_admin_is_told_so_and_not_sent_in_circles(api):
    client = Client()
    attempt("bob", "right", client=client)
    page = client.get("/admin/", follow=True)
    assert page.status_code == 200
    assert "You are logged in as bob" in page.content.decode()


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_a_login_leads_nowhere_else(api, wanted):
    client = Client()
    page = client.get("/admin/login/", {"next": wanted}, follow=True)
    assert page.request["PATH_INFO"] == "/login/"
    done = client.post(page.request["PATH_INFO"], {"username": "ada", "password": "right", "next": wanted})
    assert (done.status_code, done["Location"]) == (302, "/")


@pytest.mark.parametrize("fields", [{}, {"username": "x" * 10_000}, {"username": "a\x00b", "password": "c\x00"}])
def test_nonsense_is_refused_and_counts(api, fields):
    codes = [Client().post("/login/", fields, REMOTE_ADDR="192.0.2.1").status_code for _ in range(ADDRESS_BURST + 1)]
    assert set(codes) == {200, 429}


def test_without_a_store_people_log_in_and_guessing_is_limited(api_config, use, gone_url):
    use(replace(api_config, redis_url=gone_url))
    assert attempt("ada", "right").status_code == 302
    assert [attempt().status_code for _ in range(NAME_BURST + 1)] == [200] * NAME_BURST + [429]


@override_settings(CSRF_COOKIE_SECURE=True, SESSION_COOKIE_SECURE=True)
def test_a_form_without_a_cookie_is_told_about_https(api):
    client = Client(enforce_csrf_checks=True)
    page = client.post("/login/", {"username": "ada", "password": "right"})
    assert page.status_code == 403
    assert "go by <code>https:</code> only" in page.content.decode()
    client.get("/login/")
    page = client.post("/login/", {"username": "ada", "password": "right"})
    assert "Its token does not fit" in page.content.decode()


def test_an_endless_name_is_refused_at_once(api):
    name = "a" + "\u0301\u0316" * 100_000  # what it takes to normalise grows with the square of its length
    began = time.monotonic()
    assert attempt(name).status_code == 200
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("path", ["/login/", "/admin/"])
def test_a_form_in_another_character_set_is_refused(api, path):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    kind = "application/x-www-form-urlencoded; charset=latin-1"
    refused = client.post(path, b"username=a&password=b", content_type=kind)
    assert refused.status_code in {400, 403}
