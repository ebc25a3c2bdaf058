"""Pages ask the API's own endpoints, in this process: one layer decides who may do what, and keeps the record of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from jobs.access.address import client_address
from jobs.access.pages import PersonRequest
from jobs.api.asked import Asked
from jobs.api.mount import endpoints
from jobs.api.problems import Problem

from .pages import show, show_away
from .places import word_at

JSON: Final = "application/json"
NO_NUMBER: Final = "give a whole number"
# What checks of bodies and addresses say, and what people read.
_SAID: Final = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"Expected `?str`? matching regex '\^\[([^']+)\]\+\$'", r"use only the characters \1"),
        (r"Expected `?int(?: \| null)?`?, got `?\w+`?", NO_NUMBER),
        (r"Expected `?float(?: \| null)?`?, got `?\w+`?", "give a number"),
        (r"Expected `?(?:int|float)`? >= (-?[0-9.]+)", r"give at least \1"),
        (r"Expected `?(?:int|float)`? <= (-?[0-9.]+)", r"give at most \1"),
        (r"Expected `?str`? of length <= ([0-9]+)", r"give at most \1 characters"),
        (r"Expected `?array`? of length >= ([0-9]+)", r"choose at least \1"),
        (r"Invalid RFC3339 encoded datetime", "give a time like 2026-01-31T08:00:00Z"),
        (r"Invalid enum value '(.*?)'", r"there is no '\1' to choose"),
    )
)

_PRUNED: Final = "It may have been deleted, or pruned after its retention."
_FORGOTTEN: Final = "Of operations that are over, the oldest are forgotten."
# By the name of an address: why what it names may be no more.
_GONE: Final = dict.fromkeys(("job", "job-do", "job-stack", "retry-job"), _PRUNED) | dict.fromkeys(
    ("operation", "operation-abort"), _FORGOTTEN
)


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


async def act(
    request: PersonRequest, done: str, work: Callable[..., Any], *args: Any, undo: str = "", **options: Any
) -> tuple[bool, Any]:
    """Like `ask`, for a form: tells the person on the next page what came of it, with a button that posts to `undo`.

    Returns whether it was done, and the endpoint's answer. Raises PermissionDenied for one who may not.
    """
    try:
        answer = await ask(request, work, *args, **options)
    except Problem as problem:
        if problem.status == 403:
            raise PermissionDenied(words_of(problem)) from problem
        messages.error(request, words_of(problem))
        return False, None
    messages.success(request, done, extra_tags=f"undo:{undo}" if undo else "")
    return True, answer


def back(request: HttpRequest, otherwise: str) -> HttpResponse:
    """A redirect to where the form says that the person came from, if that is a page of ours."""
    wanted = request.POST.get("next", "")
    is_path = wanted.startswith("/")  # `redirect` takes anything else for the name of a page
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return redirect(wanted if is_path and is_ours else otherwise)


async def show_problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    """A page that says why there is nothing to see, with the status of the refusal."""
    if problem.code == "store_unavailable":
        return await show_away(request, word_at(request.path) or "QueueFlow", problem.detail)
    place = request.resolver_match.url_name if request.resolver_match else None
    gone = _GONE.get(place or "", "") if problem.status == 404 else ""
    context = {"problem": problem, "words": words_of(problem), "gone": gone}
    return await show(request, "monitoring/problem.html", context, status=problem.status)


def words_of(problem: Problem) -> str:
    """A refusal in a sentence for people, with what to do next where that is known."""
    if problem.code == "store_unavailable" and "jobId" not in problem.members:
        return "The store cannot answer now. Nothing was done: try again in a moment."
    if problem.code == "audit_unavailable":
        return "The audit trail cannot be written now. Nothing was done: try again in a moment."
    return in_words(problem.detail)


def in_words(detail: str) -> str:
    """What a refusal says, in words where a check has notation."""
    for pattern, words in _SAID:
        detail = pattern.sub(words, detail)
    return detail
