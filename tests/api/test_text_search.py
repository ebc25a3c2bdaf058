"""Searches for a text: in large steps that end in time, and few at once."""

from __future__ import annotations

import threading

from jobs.api import searching
from jobs.inspection import search
from tests.api.conftest import problem
from tests.api.test_lists import ids, listed


def test_a_step_looks_at_ten_thousand_jobs(api, kit, monkeypatch):
    monkeypatch.setattr(search, "SEARCH_SECONDS", 60.0)
    kit.enqueue("needle", payload=b'{"order": "4711"}')
    for _ in range(11):
        kit.enqueue_many(1000)
    items, pages = listed(api, q="4711")
    assert ids(items) == ["needle"]
    assert [page["searched"]["count"] for page in pages] == [10_000, 11_001]
    assert [page["searched"]["of"] for page in pages] == [11_001, 11_001]


def test_a_step_ends_when_its_time_is_over(api, kit, monkeypatch):
    monkeypatch.setattr(search, "SEARCH_SECONDS", 0.0)
    kit.enqueue("needle", payload=b'{"order": "4711"}')
    for _ in range(3):
        kit.enqueue_many(1000)
    items, pages = listed(api, q="4711")
    assert ids(items) == ["needle"]
    assert [page["searched"]["count"] for page in pages] == [2000, 3001]


def test_a_third_search_is_asked_to_come_again(api, kit, monkeypatch):
    monkeypatch.setattr(searching, "PATIENCE_SECONDS", 0.01)
    kit.enqueue("needle", payload=b'"4711"')
    with searching.searching("x"), searching.searching("y"):
        for path in ("/jobs", "/dlq"):
            refused = api.get(f"{path}?q=4711")
            problem(refused, 429, "rate_limited")
            assert refused["Retry-After"] == "1"
        assert ids(listed(api)[0]) == ["needle"]
    assert ids(listed(api, q="4711")[0]) == ["needle"]


def test_a_search_waits_a_moment_for_its_place(api, kit):
    kit.enqueue("needle", payload=b'"4711"')
    first, second = searching.searching("x"), searching.searching("y")
    first.__enter__()
    second.__enter__()
    releasing = threading.Timer(0.02, first.__exit__, (None, None, None))
    releasing.start()
    assert ids(listed(api, q="4711")[0]) == ["needle"]
    second.__exit__(None, None, None)
    releasing.join()
