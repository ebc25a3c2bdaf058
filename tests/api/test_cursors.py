"""Cursors: signed, and good for the query that they came from."""

from urllib.parse import quote

import pytest

from tests.api.conftest import problem
from tests.support.jobs import failed

LISTS = ("/jobs", "/dlq", "/operations", "/audit")


@pytest.fixture
def cursors(api, kit):
    """Give a cursor of each list."""
    worker = kit.worker()
    for _ in range(3):
        worker.fail([failed(kit.claimed(worker), final=True)])
        api.post("/dlq/operations", {"action": "retry", "filter": {"type": "nothing"}})
    return {path: api.get(f"{path}?limit=1").json()["nextCursor"] for path in LISTS}


def refused(answer):
    assert [each["field"] for each in problem(answer, 422, "invalid")["errors"]] == ["cursor"]


def test_a_cursor_is_good_for_its_own_query_only(api, kit):
    kit.enqueue_many(20)
    cursor = api.get("/jobs?limit=5").json()["nextCursor"]
    assert api.get(f"/jobs?limit=7&cursor={cursor}").status_code == 200
    refused(api.get(f"/jobs?limit=5&type=echo&cursor={cursor}"))


@pytest.mark.parametrize("path", LISTS)
def test_a_cursor_is_good_for_its_own_list_only(api, cursors, path):
    assert api.get(f"{path}?limit=1&cursor={cursors[path]}").json()["items"] != []
    for other in LISTS:
        if other != path:
            refused(api.get(f"{other}?limit=1&cursor={cursors[path]}"))


@pytest.mark.parametrize("path", LISTS)
def test_a_forged_cursor_is_refused(api, cursors, path):
    good = cursors[path]
    other = "A" if good[0] != "A" else "B"
    for forged in (other + good[1:], good[:-4] + 4 * other, good[:10], good + "AAAA", "nonsense", "é", "x" * 1000, " "):
        refused(api.get(f"{path}?cursor={quote(forged)}"))


@pytest.mark.parametrize("path", LISTS)
def test_a_cursor_of_another_installation_is_refused(api, cursors, settings, path):
    settings.SECRET_KEY = "another"
    refused(api.get(f"{path}?limit=1&cursor={cursors[path]}"))
