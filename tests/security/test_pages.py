"""Pages under a policy that lets nothing run but files of ours: these exist, and nothing in a page is a script."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.staticfiles import finders
from django.test import Client

from tests.api.conftest import api, api_config, key, use

__all__ = ["api", "api_config", "key", "use"]

PAGES = ["/login/", "/", "/api/docs", "/admin/", "/admin/jobs/apikey/", "/admin/jobs/apikey/add/", "/admin/auth/user/"]
SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)(?![^>]*type=\"application/json\")")


@pytest.fixture
def staff(db) -> Client:
    """Give a client of somebody who may see every page."""
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("ada"))
    return client


@pytest.mark.parametrize("path", PAGES)
def test_nothing_in_a_page_is_a_script_or_a_style(api, staff, path):
    page = staff.get(path)
    assert page.status_code == 200
    text = page.content.decode()
    assert not SCRIPT.search(text)
    assert not re.search(r"<style|\sstyle=|\son\w+=\"|javascript:", text)


@pytest.mark.parametrize("path", PAGES)
def test_what_a_page_loads_is_ours_and_there(api, staff, path):
    text = staff.get(path).content.decode()
    loaded = re.findall(r"(?:<script[^>]*\ssrc|<img[^>]*\ssrc|<link[^>]*\shref)=\"([^\"]+)\"", text)
    assert loaded
    assert all(re.match(r"/(?!/)", name) for name in loaded)
    files = [name.removeprefix("/static/") for name in loaded if name.startswith("/static/")]
    assert all(finders.find(name) for name in files)


@pytest.mark.parametrize("path", PAGES)
def test_the_policy_of_a_page_allows_nothing_inline_and_nobody_else(api, staff, path):
    policy = dict(part.strip().partition(" ")[::2] for part in staff.get(path)["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert "unsafe" not in str(policy)
    assert "*" not in str(policy)


def test_the_documentation_can_be_tried_by_who_is_logged_in(api, staff):
    token = re.search(r'data-csrf-token="(\w{64})" data-api-csrf="true"', staff.get("/api/docs").content.decode())
    assert token is not None
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = staff.cookies
    refused = strict.post("/api/jobs", {}, content_type="application/json")
    assert refused.status_code == 403
    tried = strict.post("/api/jobs", {}, content_type="application/json", headers={"X-CSRFToken": token[1]})
    assert tried.status_code == 422
