"""GET /metrics/process: what one web process knows of itself."""

import re
from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from jobs.api.answered import ANSWERED
from jobs.api.gateway import get_gateway
from tests.api.conftest import Api, logged_in, problem
from tests.api.short_way import ShortWayClient

PATH = "/metrics/process"


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def scraped(token):
    answer = Client().get(PATH, headers=bearer(token))
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    families = text_string_to_metric_families(answer.content.decode())
    return {(each.name, *sorted(each.labels.items())): each.value for family in families for each in family.samples}


def test_it_tells_of_python_http_and_the_database(api, key):
    token = key("read")
    before = scraped(token)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    after = scraped(token)
    queries = ("django_db_execute_total", ("alias", "default"), ("vendor", "sqlite"))
    assert after[queries] > before.get(queries, 0)
    requests = ("django_http_requests_total_by_method_total", ("method", "GET"))
    assert after[requests] == before[requests] + 1
    assert {"process_resident_memory_bytes", "python_info"} <= {name for name, *_ in after}


def test_requests_on_the_short_way_are_counted(api, key):
    token = key("read")
    before = ANSWERED.copy()
    client = ShortWayClient()
    for _ in range(3):
        assert client.get("/api/stats", headers=bearer(token)).status_code == 200
    assert client.get("/api/jobs/unknown", headers=bearer(token)).status_code == 404
    assert ANSWERED - before == {("GET", 200): 3, ("GET", 404): 1}
    assert scraped(token)["queueflow_api_answers_total", ("method", "GET"), ("status", "404")] == ANSWERED["GET", 404]


def test_the_breaker_before_the_store_is_told_of(api, key, config):
    token = key("read")
    state = ("queueflow_breaker_state", ("breaker", "store"), ("state", "closed"))
    opened = ("queueflow_breaker_opened_total", ("breaker", "store"))
    assert (scraped(token)[state], scraped(token)[opened]) == (1, 0)
    breaker = get_gateway().breaker
    breaker.failed("away", at_once=True)
    told = scraped(token)
    assert (told[state], told[(*state[:2], ("state", "open"))], told[opened]) == (0, 1, 1)


def test_errors_of_the_database_are_counted(api, key):
    with pytest.raises(Exception, match="syntax"), connection.cursor() as cursor:
        cursor.execute("NONSENSE")
    kinds = {dict(key[1:])["type"] for key in scraped(key("read")) if key[0] == "django_db_errors_total"}
    assert "OperationalError" in kinds


def test_it_takes_the_right_to_look(api, key, django_user_model):
    problem(Client().get(PATH), 401, "unauthorized")
    problem(Client().get(PATH, headers=bearer("nonsense")), 401, "unauthorized")
    problem(Client().get(PATH, headers=bearer(key("enqueue"))), 403, "missing_scope")
    nobody = logged_in(django_user_model.objects.create_user("nobody"))
    problem(nobody.client.get(PATH), 403, "missing_right")
    admin = logged_in(django_user_model.objects.create_superuser("admin"))
    assert admin.client.get(PATH).status_code == 200
    assert Api().client.post(PATH).status_code == 405


def test_it_needs_no_store(api, api_config, use, key, gone_url):
    token = key("read")
    use(replace(api_config, redis_url=gone_url))
    assert scraped(token)


def test_both_formats_keep_the_rules(api, key):
    headers = bearer(key("read"))
    text = Client().get(PATH, headers=headers).content.decode()
    for keyword in ("HELP", "TYPE"):
        named = re.findall(rf"^# {keyword} (\S+)", text, re.MULTILINE)
        assert len(named) == len(set(named))
    answer = Client().get(PATH, headers=headers | {"Accept": "application/openmetrics-text"})
    assert list(openmetrics.text_string_to_metric_families(answer.content.decode()))
