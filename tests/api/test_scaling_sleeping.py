"""Scaling over REST of a pool that began without workers: its supervisor speaks for it."""

from __future__ import annotations

HERE = "/scaling/mail"


def test_a_pool_without_workers_is_there_while_a_supervisor_speaks_for_it(api, kit):
    assert api.get(HERE).status_code == 404
    kit.store.registry.join_pool("mail", "host", 4, 0, ("mail",))
    seen = api.get(HERE).json()
    assert (seen["pool"], seen["version"], seen["desired"], seen["current"], seen["most"]) == ("mail", 0, None, 0, 4)
    assert [each["pool"] for each in api.get("/scaling").json()["items"]] == ["mail"]
    kit.client.call("HSET", kit.keys.pools_heard, "mail", kit.reader.now_ms() - 6000)
    assert api.get("/scaling").json()["items"] == []
