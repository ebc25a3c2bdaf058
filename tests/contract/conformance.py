"""Holds answers against the OpenAPI document: status, media type, headers and every field."""

from __future__ import annotations

import copy
import json
import re
from functools import cache, cached_property
from typing import Any

import jsonschema_rs
from django.core.serializers.json import DjangoJSONEncoder

PROBLEM = "application/problem+json"
NOT_DESCRIBED = {"/api/openapi.json", "/api/docs"}
Schema = dict[str, Any]


@cache
def contract() -> Contract:
    """The document as clients get it."""
    from queueflow_site.api import api

    return Contract(json.loads(json.dumps(api.get_openapi_schema(), cls=DjangoJSONEncoder)))


class Contract:
    """The document and what it says of single answers."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.operations = [
            (method.upper(), path, operation)
            for path, item in document["paths"].items()
            for method, operation in item.items()
        ]

    def check(self, method: str, path: str, answer: Any) -> None:
        """Raise AssertionError for an answer (a Django response) that is not as it is described."""
        path = path.partition("?")[0]
        if path in NOT_DESCRIBED or answer.status_code == 500:
            return
        operation = self._operation(method, path)
        if operation is None:
            assert answer.status_code in {400, 401, 404, 405, 413}, f"{method} {path}: {answer.status_code}"
            self.validate({"$ref": "#/components/schemas/ProblemDocument"}, json.loads(answer.content))
            return
        described = operation["responses"].get(str(answer.status_code))
        assert described is not None, (
            f"{operation['operationId']} says nothing of {answer.status_code}: {answer.content}"
        )
        self._check_answer(operation["operationId"], self.resolved(described), answer)

    def resolved(self, part: dict[str, Any]) -> dict[str, Any]:
        """What a reference leads to, or the part itself."""
        if "$ref" not in part:
            return part
        found: Any = self.document
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        return dict(found)

    def validate(self, schema: Schema, value: Any, *, strict: bool = True) -> None:
        """Raise AssertionError for a value that does not fit; where `strict`, also for fields that nobody described."""
        validator = self._validator(json.dumps(schema), strict)
        wrong = [
            f"{'.'.join(map(str, error.instance_path))}: {error.message}" for error in validator.iter_errors(value)
        ]
        assert not wrong, "\n".join(wrong)

    @cache  # noqa: B019 - there is one contract a process
    def _validator(self, schema: str, strict: bool) -> jsonschema_rs.Draft202012Validator:
        components = self._strict_components if strict else self.document["components"]
        return jsonschema_rs.Draft202012Validator(
            json.loads(schema) | {"components": components}, validate_formats=True
        )

    def _check_answer(self, name: str, described: dict[str, Any], answer: Any) -> None:
        content = described.get("content")
        if content is None:
            assert answer.content == b"", name
        else:
            media = answer["Content-Type"]
            assert media in content, name
            is_json = media.partition(";")[0].endswith("json")
            self.validate(content[media]["schema"], json.loads(answer.content) if is_json else answer.content.decode())
        for header, part in described.get("headers", {}).items():
            about = self.resolved(part)
            if header in answer.headers:
                value = answer[header]
                self.validate(about["schema"], int(value) if about["schema"]["type"] == "integer" else value)
            else:
                assert not about["required"], f"{name}: an answer without {header}"

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        """The operation at an address; fixed words go before names."""
        for wanted, template, operation in sorted(self.operations, key=lambda each: each[1].count("{")):
            pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)).replace("types/[^/]+", "types/.+")
            if wanted == method and re.fullmatch(pattern, path):
                return operation  # type: ignore[no-any-return]  # a part of a JSON document
        return None

    @cached_property
    def _strict_components(self) -> dict[str, Any]:
        made = copy.deepcopy(self.document["components"])
        for schema in made["schemas"].values():
            if "properties" in schema:
                schema.setdefault("additionalProperties", False)
        return made  # type: ignore[no-any-return]  # a copy of a JSON document
