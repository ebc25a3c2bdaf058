"""/charts.json: for people who may look, strict with what it is asked, and never kept by a cache."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from jobs.conf import Config
from monitoring.history_views import MOST_NAMES
from tests.engine.maintenance.history_kit import Recorder, finish
from tests.support.jobs import StoreKit

Person = Callable[..., Client]
EVERYTHING = "throughput,depth,latency,wait,processing,active,workers,workers:gpu"


def test_it_gives_columns_in_one_answer(api: Any, kit: StoreKit, person: Person) -> None:
    recorder = Recorder(kit)
    recorder.begin()
    finish(kit, 5, 5, queue="mail")
    recorder.close()
    # The web process has the server's own time, which the kit is ahead of: it sees no point yet, but all columns.
    answer = person("Viewer").get("/charts.json", {"names": EVERYTHING, "queue": "mail", "range": "5m"})
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "no-store"
    found = answer.json()
    assert list(found) == ["range", "step", "from", "queue", "t", "series", "units", "marks"]
    assert (found["range"], found["step"], found["queue"], len(found["t"])) == ("5m", 10, "mail", 30)
    assert list(found["series"]) == list(found["units"]) == EVERYTHING.split(",")
    assert {len(column) for series in found["series"].values() for column in series.values()} == {30}


def test_it_shows_what_a_leader_has_closed(api: Any, kit: StoreKit, person: Person) -> None:
    kit.advance(-60_000)
    recorder = Recorder(kit)
    recorder.next_bucket()
    finish(kit, *[100] * 20)
    recorder.close()
    found = person().get("/charts.json?names=throughput,processing&range=5m").json()["series"]
    assert [rate for rate in found["throughput"]["completed"] if rate] == [2.0]
    assert [value for value in found["processing"]["p99"] if value] == [100.1]


def test_points_since_an_instant_are_few(api: Any, kit: StoreKit, person: Person) -> None:
    since = kit.reader.now_ms() // 1000 - 35
    found = person().get(f"/charts.json?names=depth&since={since}").json()
    assert found["range"] == "1h"
    assert found["from"] == since // 10 * 10 == found["t"][0]
    assert 1 <= len(found["t"]) <= 4


@pytest.mark.parametrize(("query", "words"), [
    ("", "names: give 1 to 12 different charts"),
    ("names=", "names: give 1 to 12 different charts"),
    ("names=depth,depth", "names: give 1 to 12 different charts"),
    ("names=" + ",".join(f"workers:{number}" for number in range(MOST_NAMES + 1)), "names: give 1 to 12"),
    ("names=depth,", "there is no chart ''"),
    ("names=workers:", "there is no chart 'workers:'"),
    ("names=workers:" + "x" * 65, "there is no chart 'workers:xxx"),
    ("names=%3Cscript%3E", "there is no chart '<script>'"),
    ("names=depth&range=2h", "there is no range '2h': give one of 5m, 1h, 6h, 24h, 7d"),
    ("names=depth&range=", "there is no range ''"),
    ("names=depth&queue=", "queue: give 1 to 64 of a-z 0-9 _ . -"),
    ("names=depth&queue=No", "queue: give 1 to 64 of a-z 0-9 _ . -"),
    ("names=depth&queue=nowhere", "there is no queue nowhere"),
    ("names=depth&since=-1", "since: give whole seconds since 1970"),
    ("names=depth&since=1e9", "since: give whole seconds since 1970"),
    ("names=depth&since=999999999999", "since: give whole seconds since 1970"),
    ("names=depth&pool=gpu", "there is no parameter 'pool'"),
    ("names=depth&names=wait", "names is given more than once"),
])  # fmt: skip
def test_bad_parameters_are_refused_in_a_sentence(api: Any, person: Person, query: str, words: str) -> None:
    answer = person().get(f"/charts.json?{query}")
    assert answer.status_code == 400
    assert answer["Cache-Control"] == "no-store"
    document = answer.json()
    assert document["status"] == 400
    assert words in document["detail"]
    assert document["detail"].endswith(".")


def test_only_those_who_may_look_see_it(api: Any, person: Person) -> None:
    address = "/charts.json?names=depth"
    visitor = Client().get(address)
    assert (visitor.status_code, visitor["Location"]) == (302, "/login/?next=/charts.json%3Fnames%3Ddepth")
    assert person("", "nobody").get(address).status_code == 403
    assert person("Viewer").get(address).status_code == 200


def test_it_is_read_only(api: Any, person: Person) -> None:
    client = person()
    client.handler.enforce_csrf_checks = False
    assert client.post("/charts.json?names=depth").status_code == 405


def test_while_the_store_is_away_it_says_so(
    api_config: Config, use: Callable[[Config], None], person: Person, gone_url: str
) -> None:
    use(replace(api_config, redis_url=gone_url))
    answer = person().get("/charts.json?names=depth")
    assert answer.status_code == 503
    assert answer["Retry-After"] == "1"
    assert "The store cannot answer now" in answer.json()["detail"]
