"""What the API makes of each failure of the store is what the table of failures says."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from jobs import patience
from jobs.api import problems
from jobs.api.openapi.refusals import REFUSALS
from jobs.api.problems import problem_of
from jobs.errors import StoreError, StoreMisconfigured, StoreUnavailable
from jobs.patience import Telling
from jobs.store.failures import OTHER_PARTITIONS, TABLE, classify, other_partitions
from tests.api.conftest import ONE_WAY, Api, problem
from tests.support.parrot import Parrot

pytestmark = ONE_WAY  # behind both lies the same


def failure(row):
    """The failure of a row, as the store raises it."""
    if row.words:
        return classify(Exception(f"{row.words[0]} and more"))
    if row.classes:
        return classify(row.classes[0]("5 127.0.0.1:6379")) if row.kind == "moved" else classify(row.classes[0]("x"))
    return other_partitions("it has 3") if row.kind == OTHER_PARTITIONS else row.exception("what is said", row.kind)


@pytest.fixture
def clock(monkeypatch, caplog):
    """Return a function that sets the clock on; nothing was told yet."""
    now = [1000.0]
    monkeypatch.setattr(patience, "monotonic", lambda: now[0])
    monkeypatch.setattr(problems, "_telling", Telling("api"))
    caplog.set_level(logging.WARNING)

    def advance(seconds):
        now[0] += seconds

    return advance


def lines(caplog):
    told = [(record.levelname, record.msg) for record in caplog.records if isinstance(record.msg, dict)]
    found = [(level, said["kind"], said.get("times")) for level, said in told if said.get("who") == "api"]
    caplog.clear()
    return found


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.kind)
def test_every_row_is_what_the_api_answers_and_logs(row, clock, caplog):
    error = failure(row)
    if row.kind in ("bug", "untrusted"):  # neither words nor a class of the library: see the store's tests
        error.retry_after, error.say_every = row.retry_after, row.say_every
    assert (error.kind, type(error)) == (row.kind, row.exception)
    answers = [problem_of(error) for _ in range(20)]
    assert {answer.status for answer in answers} == {503}
    assert {answer.headers["Retry-After"] for answer in answers} == {f"{row.retry_after:g}"}
    assert answers[0].code in REFUSALS[503].codes
    assert (answers[0].code == "store_unavailable") == issubclass(row.exception, StoreUnavailable | StoreMisconfigured)
    level = "WARNING" if row.exception.transient else "ERROR"
    assert lines(caplog) == [(level, row.kind, None)]
    clock(row.say_every - 1)
    problem_of(error)
    assert lines(caplog) == []
    clock(2)
    problem_of(error)
    assert lines(caplog) == [(level, row.kind, 21)]


def test_another_kind_is_said_at_once(clock, caplog):
    for kind in ("timeout", "script", "timeout"):
        problem_of((StoreUnavailable if kind == "timeout" else StoreError)("x", kind))
    assert [kind for _, kind, _ in lines(caplog)] == ["timeout", "script"]


def test_an_answer_that_nobody_understands_is_503_and_no_trace_a_request(api_config, use, key, clock, caplog):
    with Parrot(b"-ERR upstream failure\r\n") as parrot:
        use(replace(api_config, redis_url=parrot.url))
        api = Api(key())
        for _ in range(5):
            answer = api.get("/stats")
            refused = problem(answer, 503, "store_error")
            assert (answer["Retry-After"], refused["detail"]) == ("30", "The store cannot answer now (script).")
    assert [line for line in lines(caplog) if line[1] == "script"] == [("ERROR", "script", None)]
