"""Cursors: signed, and good for the query that they came from."""

from urllib.parse import quote

from tests.api.conftest import problem


def test_a_cursor_is_good_for_its_own_query_only(api, kit):
    kit.enqueue_many(20)
    cursor = api.get("/jobs?limit=5").json()["nextCursor"]
    assert api.get(f"/jobs?limit=7&cursor={cursor}").status_code == 200
    problem(api.get(f"/jobs?limit=5&type=echo&cursor={cursor}"), 422, "invalid")
    problem(api.get(f"/dlq?limit=5&cursor={cursor}"), 422, "invalid")
    forged = ("A" if cursor[0] != "A" else "B") + cursor[1:]
    assert problem(api.get(f"/jobs?cursor={quote(forged)}"), 422, "invalid")["errors"][0]["field"] == "cursor"


def test_a_cursor_of_another_installation_is_refused(api, kit, settings):
    kit.enqueue_many(20)
    cursor = api.get("/jobs?limit=5").json()["nextCursor"]
    settings.SECRET_KEY = "another"
    problem(api.get(f"/jobs?limit=5&cursor={cursor}"), 422, "invalid")
