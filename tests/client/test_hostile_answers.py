"""Answers of another shape than the interface's: each is an ApiError, whatever is asked of it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest

from queueflow_client import Client, JobFailed
from tests.client.hostile_peer import HostilePeer, document, raw
from tests.client.refusals import job, refusal


def two(client: Client) -> object:
    return client.enqueue_many([{"type": "a"}, {"type": "b"}])


@pytest.mark.parametrize(
    "content", [b'{"a":' * 200_000, b"[" * 200_000, b"9" * 5000, b'"x"', b"\xff\xfe", b"", b"null"]
)
@pytest.mark.parametrize("status", [200, 422])
def test_what_is_no_json_document_is_refused_as_such(content: bytes, status: int) -> None:
    assert refusal(raw(content, status), job).code == "not_json"


@pytest.mark.parametrize("value", [{}, {"jobId": 5, "status": "active"}, {"jobId": "x", "status": []}, {"jobId": None}])
@pytest.mark.parametrize(
    "ask",
    [
        job,
        lambda client: client.enqueue("a"),
        lambda client: client.wait("x", timeout=5),
        lambda client: client.cancel("x"),
        lambda client: client.retry("x"),
    ],
    ids=["job", "enqueue", "wait", "cancel", "retry"],
)
def test_what_is_no_job_is_a_bad_answer(value: Any, ask: Callable[[Client], object]) -> None:
    error = refusal(document(value), ask)
    assert (error.status, error.code, error.document["answer"]) == (200, "bad_answer", value)


def test_a_completed_job_without_a_result_is_a_bad_answer() -> None:
    error = refusal(document({"jobId": "x", "status": "completed"}), lambda client: client.wait("x", timeout=5))
    assert error.code == "bad_answer"


GOOD = {"index": 0, "jobId": "a"}
NO = {"index": 1, "code": "invalid", "detail": "no"}


@pytest.mark.parametrize(
    ("accepted", "refused"),
    [
        (None, []),
        ([GOOD], None),
        ([GOOD], 5),
        ([GOOD], [5]),
        ([GOOD], []),
        ([GOOD, GOOD], [NO]),
        ([GOOD], [NO | {"index": 0}]),
        ([GOOD | {"index": -1}], [NO]),
        ([GOOD | {"index": 2}], [NO]),
        ([GOOD | {"index": False}], [NO]),
        ([GOOD | {"index": "0"}], [NO]),
        ([GOOD | {"index": {}}], [NO]),
        ([{"index": 0}], [NO]),
        ([GOOD], [{"index": 1, "code": "invalid"}]),
        ([GOOD], [NO | {"code": []}]),
        ([GOOD], [NO | {"field": 5}]),
    ],
)
def test_what_does_not_tell_of_every_job_once_is_a_bad_answer(accepted: Any, refused: Any) -> None:
    assert refusal(document({"accepted": accepted, "refused": refused}, 201), two).code == "bad_answer"


def test_an_empty_document_for_many_jobs_is_a_bad_answer() -> None:
    assert refusal(document({}), two).code == "bad_answer"


@pytest.mark.parametrize("errors", [5, "text", {}, [5], [None, []], [{"field": 5}], [{"field": []}, {"message": {}}]])
def test_a_refusal_with_odd_errors_is_a_refusal(errors: Any) -> None:
    error = refusal(document({"code": "invalid", "detail": "no", "errors": errors}, 422), job)
    assert (str(error), error.errors) == ("422 invalid: no", [])


def test_the_errors_in_good_order_are_kept() -> None:
    good = {"field": "payload", "message": "is required"}
    error = refusal(document({"code": "invalid", "detail": "no", "errors": [good, 5, good]}, 422), job)
    assert error.errors == [good, good]
    assert str(error) == "422 invalid: no; payload: is required"


@pytest.mark.parametrize("odd", [None, 5, [], {}, [[[]]]])
def test_a_refusal_with_odd_words_is_a_refusal(odd: Any) -> None:
    error = refusal(document({"code": odd, "detail": odd, "jobStatus": odd, "refused": odd}, 409), job)
    assert str(error) == "409 unknown: "


def test_a_repeated_cancel_survives_an_odd_refusal() -> None:
    answers = iter([*document({}, 503)(), *document({"code": "conflict", "jobStatus": []}, 409)()])
    error = refusal(lambda: islice(answers, 2), lambda client: client.cancel("x"))
    assert (error.code, error.repeated) == ("conflict", True)


def test_a_dead_job_with_an_odd_error_is_dead() -> None:
    dead = document({"jobId": "x", "status": "dead", "error": {"a": []}})
    with HostilePeer(dead) as peer, pytest.raises(JobFailed) as caught:
        Client(peer.url, "secret").wait("x")
    assert str(caught.value) == "job x is dead: "
