"""Pages ask the API's own endpoints, in this process: one layer decides who may do what, and keeps the record of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from django.contrib import messages
from django.http import HttpRequest, QueryDict

from jobs.access.address import client_address
from jobs.access.pages import PersonRequest
from jobs.api.asked import Asked
from jobs.api.mount import endpoints
from jobs.api.problems import Problem

JSON: Final = "application/json"


async def ask(
    request: PersonRequest,
    work: Callable[..., Any],
    names: Mapping[str, str] | None = None,
    *,
    query: QueryDict | None = None,
    body: Mapping[str, Any] | None = None,
    idempotency_key: str = "",
) -> Any:
    """What an endpoint answers to the person of a request: the value its function returns, not JSON.

    `work` is the function in jobs.api.routes, `names` those in its path, `query` and `body` what a client would send,
    in the wire's notation; a payload is a msgspec.Raw. Rights, limits, validation and the audit trail are the
    endpoint's. Raises Problem for every refusal, 503 while the store is away among them.
    """
    endpoint = endpoints.of(work)
    asked = Asked(
        method=endpoint.method,
        path=endpoint.path_of(names or {}),
        query=QueryDict() if query is None else query,
        headers={"content-type": JSON, "idempotency-key": idempotency_key},
        body=b"" if body is None else msgspec.json.encode(body),
        principal=request.principal,
        address=client_address(request),
    )
    return await endpoint.answer(asked, dict(names or {}))


async def act(request: PersonRequest, done: str, work: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Like `ask`, for a form: tells the person on the next page what came of it. None where it was refused."""
    try:
        answer = await ask(request, work, *args, **options)
    except Problem as problem:
        messages.error(request, words_of(problem))
        return None
    messages.success(request, done)
    return answer


def words_of(problem: Problem) -> str:
    """A refusal in a sentence for people, with what to do next where that is known."""
    if problem.code == "store_unavailable":
        return "The store cannot answer now. Nothing was done: try again in a moment."
    if problem.code == "audit_unavailable":
        return "The audit trail cannot be written now. Nothing was done: try again in a moment."
    return problem.detail


def is_wanted_as_part(request: HttpRequest) -> bool:
    """True where the page's own script asks for a part of it, false for a whole page."""
    return bool(getattr(request, "htmx", False)) and not request.htmx.boosted  # type: ignore[attr-defined]
