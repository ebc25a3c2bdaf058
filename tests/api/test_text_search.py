"""Searches: in large steps that end in time, and few at once."""

from __future__ import annotations

import threading

import pytest

from jobs.api import searching
from jobs.inspection import search
from tests.api.conftest import problem
from tests.api.test_lists import ids, listed
from tests.store.tagging import keep, make_whole


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
    with searching.searching(True), searching.searching(True):
        for path in ("/jobs", "/dlq"):
            refused = api.get(f"{path}?q=4711")
            problem(refused, 429, "rate_limited")
            assert refused["Retry-After"] == "1"
        assert ids(listed(api)[0]) == ["needle"]
    assert ids(listed(api, q="4711")[0]) == ["needle"]


SEARCHES = ("tag=vip", "type=echo", "queue=default", "error=boom", "priority=low", "status=pending&type=echo",
            "status=dead&createdAfter=2026-01-01T00:00:00Z")  # fmt: skip
READS = ("limit=5", "status=pending", "status=pending&queue=default", "status=dead&type=echo",
         "status=dead&error=" + "b" * 16, "finishedAfter=2026-01-01T00:00:00Z",
         "createdAfter=2026-01-01T00:00:00Z")  # fmt: skip


@pytest.mark.parametrize(("query", "status"), [*((each, 429) for each in SEARCHES), *((each, 200) for each in READS)])
def test_what_no_index_holds_is_a_search(api, monkeypatch, query, status):
    monkeypatch.setattr(searching, "PATIENCE_SECONDS", 0.0)
    with searching.searching(True), searching.searching(True):
        assert api.get(f"/jobs?{query}").status_code == status


def test_a_tag_is_searched_for_where_it_has_no_index_and_in_large_steps(api, kit, monkeypatch):
    monkeypatch.setattr(search, "SEARCH_SECONDS", 60.0)
    monkeypatch.setattr(searching, "PATIENCE_SECONDS", 0.0)
    kit.enqueue("needle", tags=("vip",))
    for _ in range(5):
        kit.enqueue_many(1000)
    items, pages = listed(api, tag="vip")
    assert (ids(items), [page["searched"]["count"] for page in pages]) == (["needle"], [5001])
    keep(kit)
    make_whole(kit)
    with searching.searching(True), searching.searching(True):
        assert ids(listed(api, tag="vip")[0]) == ["needle"]


def test_a_search_waits_a_moment_for_its_place(api, kit):
    kit.enqueue("needle", payload=b'"4711"')
    first, second = searching.searching(True), searching.searching(True)
    first.__enter__()
    second.__enter__()
    releasing = threading.Timer(0.02, first.__exit__, (None, None, None))
    releasing.start()
    assert ids(listed(api, q="4711")[0]) == ["needle"]
    second.__exit__(None, None, None)
    releasing.join()
