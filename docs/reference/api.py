"""docs/api.md: each address with what it does, who may, and how it refuses, from the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

HEAD: Final = """# Addresses of the REST interface

Made from the OpenAPI document by `python -m docs.reference`. The document itself, with every field, code, header and
example, is at `/api/openapi.json`, and to read and try at `/api/docs`; [REST by example](rest.md) has the usual ways.
Besides the refusals that stand here each address may answer 400, 401, 403, 405, 422, 429 and 503, as
`application/problem+json` with a stable `code`.
"""
_USUAL: Final = frozenset({"400", "401", "403", "405", "422", "429", "503"})


def page() -> str:
    """The whole page."""
    from queueflow_site.api import api

    document = api.get_openapi_schema()
    written = [HEAD]
    for tag in document["tags"]:
        written.append(f"\n## {tag['name']}\n\n{tag['description']}\n\n")
        written.append("| Address | Does | Scope of the key | Answers |\n|---|---|---|---|\n")
        written.extend(
            _row(method.upper(), path, operation)
            for path, item in document["paths"].items()
            for method, operation in item.items()
            if operation["tags"][0] == tag["name"]
        )
    return "".join(written)


def _row(method: str, path: str, operation: dict[str, Any]) -> str:
    scopes = ", ".join(f"`{scope}`" for scope in operation["x-required-scopes"])
    codes = ", ".join(code for code in sorted(map(str, operation["responses"])) if code not in _USUAL)
    return f"| `{method} {path}` | {operation['summary']} | {scopes} | {codes} |\n"
