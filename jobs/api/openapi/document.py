"""Makes the document whole: what django-ninja has written of the routes, and everything that stands beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from jobs.api.examples import PROBLEMS

from .about import DESCRIPTION, LICENCE, SERVERS, security_schemes, tags
from .headers import headers
from .operations import KEY, SESSION
from .parameters import camel, path_parameter
from .refusals import ProblemDocument, responses
from .schemas import REF, WORDS, Schema, components, hoisted

SCHEMAS: Final = REF.format(name="")
_NAME: Final = re.compile(r"{(\w+)}")


def complete(document: dict[str, Any], kinds: Iterable[Any]) -> dict[str, Any]:
    """The whole document. `kinds` are the Structs that its operations take and answer."""
    words: dict[str, Schema] = {}
    paths = {_path(path): _path_item(path, item, words) for path, item in document["paths"].items()}
    used = {tag for item in paths.values() for operation in item.values() for tag in operation["tags"]}
    refusals = responses(PROBLEMS)
    schemas = _schemas(kinds, words)
    return {
        "openapi": document["openapi"],
        "info": {**document["info"], "description": DESCRIPTION, "license": LICENCE},
        "servers": SERVERS,
        "tags": tags(used),
        "paths": paths,
        "components": {
            "securitySchemes": security_schemes(),
            "headers": headers(),
            "responses": refusals,
            "schemas": {name: schemas[name] for name in sorted(_reached([paths, refusals], schemas))},
        },
    }


def _path(path: str) -> str:
    return _NAME.sub(lambda match: f"{{{camel(match[1])}}}", path)


def _path_item(path: str, item: dict[str, Any], words: dict[str, Schema]) -> dict[str, Any]:
    names = [path_parameter(name, path) for name in _NAME.findall(path)]
    return {method: _operation(operation, names, words) for method, operation in item.items()}


def _operation(operation: dict[str, Any], names: list[dict[str, Any]], words: dict[str, Schema]) -> dict[str, Any]:
    others = [
        {**parameter, "schema": hoisted(parameter["schema"], words)}
        for parameter in operation["parameters"]
        if parameter["in"] != "path"
    ]
    made = {**operation, "parameters": [*names, *others]}
    made["security"] = [way for way in operation["security"] if way.keys() & {KEY, SESSION}]  # not the framework's own
    if not made["parameters"]:
        del made["parameters"]
    return made


def _schemas(kinds: Iterable[Any], words: dict[str, Schema]) -> dict[str, Schema]:
    made = {}
    for name, schema in components([*kinds, ProblemDocument]).items():
        made[name] = schema if "enum" in schema else hoisted(schema, words)
    made |= words
    return {name: {**schema, "description": WORDS[name]} if name in WORDS else schema for name, schema in made.items()}


def _reached(parts: Any, schemas: dict[str, Schema]) -> set[str]:
    """The schemas to which references lead from parts of the document. What describes parameters only is not."""
    found: set[str] = set()
    waiting = [parts]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
        elif isinstance(part, str) and part.startswith(SCHEMAS):
            name = part.removeprefix(SCHEMAS)
            waiting += [schemas[name]] if name not in found else []
            found.add(name)
    return found
