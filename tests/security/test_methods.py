"""A method that an address does not have is 405 with the ones it has, not a missing token."""

from __future__ import annotations

import pytest
from django.test import Client

from jobs.web.methods import OF_A_PAGE, methods_of
from tests.api.conftest import api, api_config, key, use
from tests.api.short_way import ShortWayClient

__all__ = ["api", "api_config", "key", "use"]

LOOKED_AT = ["/", "/health"]
PROBED = ["/health/live", "/health/ready"]
ODD = ["PATCH", "PUT", "DELETE", "NONSENSE"]


@pytest.fixture(params=[Client, ShortWayClient], ids=["django", "asgi"])
def strict(request, api, db) -> Client:
    """Give a client that minds CSRF tokens and has none."""
    client: Client = request.param(enforce_csrf_checks=True)
    return client


@pytest.mark.parametrize("method", [*ODD, "POST"])
@pytest.mark.parametrize("path", [*LOOKED_AT, *PROBED])
def test_what_is_looked_at_only_says_so(strict, path, method):
    answer = strict.generic(method, path)
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("method", ODD)
@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/login/", "GET, HEAD, OPTIONS, POST"),
        ("/logout/", "OPTIONS, POST"),
        ("/admin/", "GET, HEAD, POST"),
        ("/admin/password_change/", "GET, HEAD, POST"),
        ("/jobs/x/retry/", "GET, HEAD, POST"),
        ("/queues/x/pause/", "POST"),
    ],
)
def test_pages_say_what_they_take(strict, path, method, allowed):
    answer = strict.generic(method, path)
    assert (answer.status_code, answer["Allow"]) == (405, allowed)


@pytest.mark.parametrize("path", ["/login/", "/logout/", "/admin/", "/jobs/x/retry/"])
def test_a_post_without_its_token_is_refused_as_before(strict, path):
    assert strict.post(path).status_code == 403


@pytest.mark.parametrize("path", PROBED)
def test_probes_answer_head(strict, path):
    answer = strict.head(path)
    assert answer.status_code == 200
    assert int(answer["Content-Length"]) > 0


def test_a_view_that_does_not_say_is_taken_for_a_page():
    assert methods_of(lambda request: None) == OF_A_PAGE
