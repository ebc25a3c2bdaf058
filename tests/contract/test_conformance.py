"""What holds answers against the document notices what is not described."""

import json

import pytest
from django.http import HttpResponse

from tests.contract.conformance import contract

STATED = {"accepted": [{"index": 0, "jobId": "a"}], "refused": []}


def answer(body, status=201, media="application/json", **headers):
    return HttpResponse(json.dumps(body), status=status, content_type=media, headers=headers)


def test_an_answer_as_described_is_fine():
    contract().check("POST", "/api/jobs/bulk", answer(STATED))


@pytest.mark.parametrize(
    "wrong",
    [
        answer(STATED, status=203),
        answer(STATED, media="text/html"),
        answer(STATED | {"more": 1}),
        answer({"accepted": []}),
        answer({"accepted": [{"index": "0", "jobId": "a"}], "refused": []}),
        answer({"status": 409, "title": "", "detail": "", "code": "conflict"}, 409, "application/problem+json"),
        answer({"status": 401, "title": "", "detail": "", "code": "conflict"}, 401, "application/problem+json"),
        answer({"status": 401, "title": "", "detail": "", "code": "unauthorized"}, 401, "application/problem+json"),
    ],
    ids=["status", "media type", "field too many", "field missing", "kind", "undeclared refusal", "code", "header"],
)
def test_what_is_not_described_is_noticed(wrong):
    with pytest.raises(AssertionError):
        contract().check("POST", "/api/jobs/bulk", wrong)


def test_fixed_words_go_before_names():
    with pytest.raises(AssertionError, match="list_dead_groups"):
        contract().check("GET", "/api/dlq/groups", answer({}, status=409))
