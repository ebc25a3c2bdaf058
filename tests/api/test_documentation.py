"""The documentation costs tokens like everything that is read, and its document is made once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jobs.models import ApiKey
from queueflow_site.api import api as site_api
from tests.api.conftest import Api, logged_in, problem

PATHS = ["/docs", "/openapi.json"]


@pytest.mark.parametrize("path", PATHS)
def test_the_documentation_costs_tokens(api, key, path):
    text = key("enqueue")
    ApiKey.objects.update(burst=2, per_second=1)
    answers = [Api(text).get(path) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    problem(answers[2], 429, "rate_limited")
    assert answers[2]["Retry-After"] == "1"


@pytest.mark.parametrize("path", PATHS)
def test_it_is_there_while_the_store_is_away(api, api_config, use, gone_url, path):
    use(replace(api_config, redis_url=gone_url))
    assert api.get(path).status_code == 200


def test_the_document_is_made_once_and_sent_to_who_lacks_it(api, monkeypatch):
    first = api.get("/openapi.json")
    monkeypatch.setattr(type(site_api), "get_openapi_schema", None)
    again = api.get("/openapi.json", **{"If-None-Match": f"W/{first['ETag']}"})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    other = api.get("/openapi.json", **{"If-None-Match": '"another"'})
    assert (other.status_code, other.content) == (200, first.content)
    assert first["Cache-Control"] == "private, no-cache"


def test_who_is_not_known_gets_nothing_not_even_that_it_is_the_same(api):
    tag = api.get("/openapi.json")["ETag"]
    problem(Api().get("/openapi.json", **{"If-None-Match": tag}), 401, "unauthorized")


def test_people_may_read_it(api, django_user_model):
    client = logged_in(django_user_model.objects.create_user("ada"))
    assert [client.get(path).status_code for path in PATHS] == [200, 200]
