"""Every page, whichever is added: nothing for who is not logged in, nothing for who has no right."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from jobs.web.methods import methods_of
from monitoring.urls import urlpatterns
from tests.monitoring.people import token

VALUES = {"int": "1", "slug": "jobs", "str": "x", "path": "x"}
ADDRESSES = [
    (method, "/" + re.sub(r"<(\w+):\w+>", lambda found: VALUES[found[1]], str(page.pattern)))
    for page in urlpatterns
    for method in sorted(methods_of(page.callback) & {"GET", "POST"})
]


@pytest.mark.parametrize(("method", "address"), ADDRESSES)
def test_who_is_not_logged_in_is_sent_to_do_so(api, method, address):
    answer = Client().generic(method, address)  # its check of CSRF tokens is off, so that the guard is met
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/?next=")


def test_who_has_no_right_gets_nothing(api, person):
    client = person("")
    known = token(client.get("/admin/", follow=True))
    for method, address in ADDRESSES:
        answer = client.generic(method, address, headers={"X-CSRFToken": known})
        assert answer.status_code == 403, (method, address)
        assert "You lack a right" in answer.content.decode(), (method, address)
