"""While the store does not answer every page keeps its frame, its title, and says what to do."""

import re
from dataclasses import replace

import pytest

from jobs.api import problems
from jobs.patience import Telling
from monitoring.places import word_at

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
def client_without_store(api_config, use, person, gone_url):
    use(replace(api_config, redis_url=gone_url))
    return person()


def test_every_page_that_needs_the_store_says_that_it_is_away(client_without_store):
    for path, word in PAGES.items():
        page = client_without_store.get(path)
        html = page.content.decode()
        assert (path, page.status_code) == (path, 503)
        assert (path, re.findall("<h1>(.*?)</h1>", html)) == (path, [word])
        assert "The store is away" in html
        assert f'href="{path}"' in html  # to load it again


@pytest.mark.parametrize("path", ["/", "/jobs/", "/queues/", "/workers/"])
def test_a_store_that_refuses_is_said_to_refuse_and_why(api, kit, person, path):
    client = person()
    kit.client.call("REPLICAOF", "127.0.0.1", "1")
    try:
        page = client.get(path)
    finally:
        kit.client.call("REPLICAOF", "NO", "ONE")
    assert (page.status_code, "The store cannot answer now (read only)." in page.content.decode()) == (503, True)


@pytest.mark.parametrize("path", ["/", "/jobs/", "/queues/"])
def test_a_store_with_something_else_in_a_key_is_said_to_be_damaged(api, kit, person, path, caplog, monkeypatch):
    monkeypatch.setattr(problems, "_telling", Telling("api"))  # which has told nothing of it yet
    kit.client.call("RPUSH", kit.keys.stats, "x")
    page = person().get(path)
    html = page.content.decode()
    said = f"The store is damaged: a key in the store does not hold its kind of data, met by HGETALL {kit.keys.stats}"
    assert (page.status_code, said in html, "The store is away" in html) == (503, True, False)
    assert "the store refuses" in caplog.text


@pytest.mark.parametrize(
    ("path", "word"),
    [("/", "Overview"), ("/jobs/x/", "Jobs"), ("/dead-letters/jobs/", "Dead letters"), ("/settings/of/nobody/", "")],
)
def test_a_place_is_known_by_the_beginning_of_its_address(path, word):
    assert word_at(path) == word
