"""The OpenAPI document says what the endpoints do, and clients can be made from it."""

import json
import re
from collections import Counter

import jsonschema_rs
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31

from jobs.api.endpoint import Endpoint
from jobs.api.openapi.parameters import camel
from jobs.rights import Right
from jobs.scopes import Scope
from queueflow_site.api import endpoints
from tests.contract.conformance import PROBLEM, contract

DOCUMENT = contract().document
SCHEMAS = DOCUMENT["components"]["schemas"]
OPERATIONS = [
    pytest.param(method, path, operation, id=operation["operationId"])
    for method, path, operation in contract().operations
]
every_operation = pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)


def address(endpoint: Endpoint) -> str:
    return re.sub(r"{(?:path:)?(\w+)}", lambda match: f"{{{camel(match[1])}}}", f"/api{endpoint.path}")


def schemas_in(part):
    """Every schema below a part of the document, with where it is."""
    if isinstance(part, list):
        for inner in part:
            yield from schemas_in(inner)
    elif isinstance(part, dict):
        for key, inner in part.items():
            if key == "schema":
                yield inner
            elif key not in {"example", "examples"}:
                yield from schemas_in(inner)


def test_the_document_is_valid_openapi():
    wrong = list(jsonschema_rs.validator_for(OPENAPI_31).iter_errors(DOCUMENT))
    assert [f"{error.instance_path}: {error.message}" for error in wrong] == []
    for schema in [*SCHEMAS.values(), *schemas_in(DOCUMENT["paths"]), *schemas_in(DOCUMENT["components"])]:
        jsonschema_rs.Draft202012Validator({**schema, "components": DOCUMENT["components"]})
        assert jsonschema_rs.meta.is_valid({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


def test_every_reference_leads_somewhere_and_nothing_is_left_over():
    text = json.dumps(DOCUMENT)
    used = set(re.findall(r'"#/components/(\w+)/([\w.-]+)"', text))
    there = {(kind, name) for kind, parts in DOCUMENT["components"].items() for name in parts}
    assert used == {part for part in there if part[0] != "securitySchemes"}
    schemes = {name for method in contract().operations for way in method[2]["security"] for name in way}
    assert schemes == set(DOCUMENT["components"]["securitySchemes"])


def test_names_are_good_names_for_classes_and_functions():
    assert [name for name in SCHEMAS if not re.fullmatch(r"([A-Z][a-z]+)+", name)] == []
    counted = Counter(operation["operationId"] for _, _, operation in contract().operations)
    assert [name for name, count in counted.items() if count > 1 or not re.fullmatch(r"[a-z]+(_[a-z]+)*", name)] == []


def test_everything_is_said_of_the_whole():
    assert all(tag["description"] for tag in DOCUMENT["tags"])
    assert {tag["name"] for tag in DOCUMENT["tags"]} == {
        tag for _, _, operation in contract().operations for tag in operation["tags"]
    }
    assert DOCUMENT["info"]["license"]["identifier"] == "MIT"
    assert len(DOCUMENT["info"]["description"]) > 500
    assert DOCUMENT["servers"]
    described = DOCUMENT["components"]["securitySchemes"]["apiKey"]["description"]
    assert all(f"`{scope}`" in described for scope in Scope)


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_schema_and_every_field_is_described(name):
    schema = SCHEMAS[name]
    assert schema["description"], name
    for field, inner in schema.get("properties", {}).items():
        assert inner.get("description") or "$ref" in inner, f"{name}.{field}"


@pytest.mark.parametrize("name", SCHEMAS)
def test_numbers_have_formats_and_sets_of_words_have_names(name):
    text = json.dumps(SCHEMAS[name])
    assert text.count('"type": "integer"') == text.count('"format": "int')
    assert text.count('"type": "number"') == text.count('"format": "double"')
    assert all("int" in word for word in re.findall(r'"format": "(int\d*)"', text))


@every_operation
def test_every_operation_declares_its_answers_and_refusals(method, path, operation):
    codes = set(operation["responses"])
    assert {"400", "401", "403", "405", "422", "429", "503"} <= codes
    assert any(code.startswith("2") for code in codes)
    assert ("404" in codes) == ("{" in path)
    assert ("415" in codes) == ("requestBody" in operation) == ("413" in codes)
    assert operation["summary"]
    assert operation["x-required-scopes"]
    for scope in operation["x-required-scopes"]:
        assert {"apiKey": [scope]} in operation["security"]
        assert f"`{scope}`" in operation["description"]
    session = next(way for way in operation["security"] if "session" in way)
    assert ("csrfToken" in session) == (method != "GET")


@every_operation
def test_every_parameter_is_described(method, path, operation):
    parameters = operation.get("parameters", [])
    assert all(parameter["description"] and parameter["schema"] for parameter in parameters)
    assert {parameter["name"] for parameter in parameters if parameter["in"] == "path"} == set(
        re.findall(r"{(\w+)}", path)
    )
    for parameter in parameters:
        assert "null" not in json.dumps(parameter["schema"])
        if parameter["schema"].get("type") == "array":
            assert (parameter["style"], parameter["explode"]) == ("form", True)
        if "example" in parameter:
            contract().validate(parameter["schema"], parameter["example"])


@every_operation
def test_every_body_has_examples_that_fit(method, path, operation):
    bodies = [operation["requestBody"]] if "requestBody" in operation else []
    answers = [answer for code, answer in operation["responses"].items() if code.startswith("2") and code != "204"]
    for content in [content for part in [*bodies, *answers] for content in part["content"].values()]:
        assert content["examples"], "add one to jobs/api/examples"
        for example in content["examples"].values():
            contract().validate(content["schema"], example["value"])


@pytest.mark.parametrize("name", DOCUMENT["components"]["responses"])
def test_every_refusal_has_a_closed_list_of_codes_and_an_example_that_fits(name):
    response = DOCUMENT["components"]["responses"][name]
    content = response["content"][PROBLEM]
    assert content["schema"]["properties"]["code"]["enum"]
    contract().validate(content["schema"], content["example"])
    with pytest.raises(AssertionError):
        contract().validate(content["schema"], content["example"] | {"code": "another"})


@every_operation
def test_links_lead_to_operations_that_take_what_they_give(method, path, operation):
    parameters = {
        each["operationId"]: {parameter["name"] for parameter in each.get("parameters", [])}
        for _, _, each in contract().operations
    }
    for answer in operation["responses"].values():
        for link in answer.get("links", {}).values():
            assert set(link["parameters"]) <= parameters[link["operationId"]]


def test_every_endpoint_is_described_and_has_a_rule():
    described = {(method, path) for method, path, _ in contract().operations}
    assert {(endpoint.method, address(endpoint)) for endpoint in endpoints.all} == described
    assert all(endpoint.rights and set(endpoint.rights) <= set(Right) for endpoint in endpoints.all)


def test_the_enqueue_is_described_down_to_its_limits():
    assert SCHEMAS["EnqueueBody"]["required"] == ["type", "payload"]
    assert SCHEMAS["EnqueueBody"]["additionalProperties"] is False
    assert SCHEMAS["BulkBody"]["properties"]["jobs"]["maxItems"] == 1000
    operation = DOCUMENT["paths"]["/api/jobs"]["post"]
    assert [parameter["name"] for parameter in operation["parameters"]] == ["Idempotency-Key"]
    assert operation["responses"]["201"]["headers"]["Location"]["required"] is True


def test_answers_carry_all_their_fields():
    for name in ("JobView", "JobItem", "Attempt", "OperationView", "WorkerLine", "Stats"):
        always = [field for field in SCHEMAS[name]["properties"] if field != "partitionsAway"]
        assert SCHEMAS[name]["required"] == always, name
