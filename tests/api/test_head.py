"""HEAD is GET without the body, wherever there is a GET."""

from __future__ import annotations

import pytest
from django.test import Client

from jobs.api.routes.endpoints import endpoints
from jobs.models import ApiKey
from tests.api.conftest import Api, problem

READS = [endpoint.path for endpoint in endpoints.all if endpoint.method == "GET"]
ALSO = ["/docs", "/openapi.json"]
PASSING = {"vary", "set-cookie", "ratelimit-remaining", "ratelimit-reset", "content-length"}


def filled(path: str) -> str:
    return path.replace("{job_id}", "here").replace("{operation_id}", "none")


@pytest.mark.parametrize("path", [*READS, *ALSO, "/jobs?limit=0", "/nowhere"])
def test_head_is_get_without_a_body(api, kit, path):
    kit.enqueue("here")
    whole, head = api.get(filled(path)), api.head(filled(path))
    assert (head.status_code, head.content) == (whole.status_code, b"")
    told = [{name: value for name, value in each.items() if name.lower() not in PASSING} for each in (whole, head)]
    assert told[0] == told[1]
    assert int(head["Content-Length"]) == pytest.approx(len(whole.content), rel=0.1, abs=20), "figures may move"


def test_head_costs_a_token_and_takes_a_right(api, key):
    text = key("read")
    ApiKey.objects.update(burst=2, per_second=1)
    client = Api(text)
    assert [client.head("/jobs").status_code for _ in range(3)] == [200, 200, 429]
    assert Api(key("enqueue")).head("/jobs").status_code == 403
    assert Api().head("/jobs").status_code == 401


@pytest.mark.parametrize("path", ALSO)
def test_the_documentation_is_only_read(api, path):
    answer = api.client.patch(f"/api{path}", headers=api.headers)
    problem(answer, 405, "method_not_allowed")
    assert answer["Allow"] == "GET, HEAD"


def test_head_of_what_only_posts_is_refused_without_a_body(api):
    answer = api.head("/jobs/x/cancel")
    assert (answer.status_code, answer["Allow"], answer.content) == (405, "POST", b"")


def test_a_person_may_ask_so_too(api, django_user_model):
    client = Client()
    client.force_login(django_user_model.objects.create_superuser("ada"))
    answer = client.head("/api/jobs")
    assert (answer.status_code, answer.content) == (200, b"")
