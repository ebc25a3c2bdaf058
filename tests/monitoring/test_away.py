"""While the store does not answer every page keeps its frame, its title, and says what to do."""

import re
from dataclasses import replace

import pytest

from monitoring.places import word_at
from tests.support.server import TestServer

PAGES = {
    "/": "Overview",
    "/jobs/": "Jobs",
    "/jobs/some-job/": "Jobs",
    "/dead-letters/": "Dead letters",
    "/dead-letters/jobs/?error=abc": "Dead letters",
    "/queues/": "Queues",
    "/workers/": "Workers",
    "/operations/": "Operations",
}


@pytest.fixture
def client_without_store(api_config, use, person):
    with TestServer() as gone:
        pass
    use(replace(api_config, redis_url=gone.url))
    return person()


def test_every_page_that_needs_the_store_says_that_it_is_away(client_without_store):
    for path, word in PAGES.items():
        page = client_without_store.get(path)
        html = page.content.decode()
        assert (path, page.status_code) == (path, 503)
        assert (path, re.findall("<h1>(.*?)</h1>", html)) == (path, [word])
        assert "The store is away" in html
        assert f'href="{path}"' in html  # to load it again


@pytest.mark.parametrize(
    ("path", "word"),
    [("/", "Overview"), ("/jobs/x/", "Jobs"), ("/dead-letters/jobs/", "Dead letters"), ("/settings/of/nobody/", "")],
)
def test_a_place_is_known_by_the_beginning_of_its_address(path, word):
    assert word_at(path) == word
