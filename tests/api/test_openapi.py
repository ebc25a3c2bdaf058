"""The OpenAPI document says what the endpoints do."""

import json

import pytest

from jobs.api.routes.endpoints import endpoints
from jobs.rights import Right


@pytest.fixture
def document(api):
    return api.get("/openapi.json").json()


def test_every_reference_leads_somewhere(document):
    text = json.dumps(document)
    names = set(document["components"]["schemas"])
    used = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert used <= names


def test_every_operation_declares_its_answers_and_refusals(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            codes = set(operation["responses"])
            assert {"400", "401", "403", "405", "422", "503"} <= codes, (method, path)
            assert any(code.startswith("2") for code in codes)
            assert ("404" in codes) == ("{" in path), (method, path)
            assert ("415" in codes) == ("requestBody" in operation), (method, path)
            assert operation["security"]
            assert operation["summary"]


def test_every_endpoint_has_a_rule(document):
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert {(endpoint.method, f"/api{endpoint.path}".replace("path:", "")) for endpoint in endpoints.all} == described
    assert all(endpoint.rights and set(endpoint.rights) <= set(Right) for endpoint in endpoints.all)


def test_the_enqueue_is_described_down_to_its_limits(document):
    schemas = document["components"]["schemas"]
    assert schemas["EnqueueBody"]["required"] == ["type", "payload"]
    assert schemas["EnqueueBody"]["additionalProperties"] is False
    assert schemas["BulkBody"]["properties"]["jobs"]["maxItems"] == 1000
    operation = document["paths"]["/api/jobs"]["post"]
    assert {parameter["name"] for parameter in operation["parameters"]} == {"Idempotency-Key"}
    assert set(document["components"]["securitySchemes"]) == {"KeyAccess", "SessionAccess"}


def test_the_documentation_page_needs_nothing_from_elsewhere(api):
    page = api.get("/docs")
    assert page.status_code == 200
    assert b"https://" not in page.content
