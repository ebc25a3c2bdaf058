"""One way through every endpoint: access, query, body, the work on a store thread, the answer.

An endpoint is a function of a `Call` (and of the names in its path) that runs on a store thread and returns what the
answer carries: a value for the first status of `answers`, or an `Answer`.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Required, TypedDict, Unpack

import msgspec
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router

from jobs.ids import checked_id
from jobs.scopes import Scope
from jobs.store.store import Store

from .access import Principal, forbidden
from .call import Call, NoBody, read_body, render
from .gateway import get_gateway
from .openapi import describe
from .problems import Problem, problem_of, too_large
from .query import Nothing, read_query

Work = Callable[..., Any]


class Description(TypedDict, total=False):
    """What an endpoint takes and gives. `problems` are the refusals besides those that every endpoint has;
    `idempotent` documents the Idempotency-Key."""

    answers: Required[Mapping[int, Any]]
    body: type[msgspec.Struct]
    query: type[msgspec.Struct]
    problems: Iterable[int]
    idempotent: bool


class Endpoints:
    """Collects an app's endpoints on a router: their rules, and the Structs they are made of."""

    def __init__(self) -> None:
        self.router = Router()
        self.rules: list[tuple[str, str, Scope]] = []  # method, path, the scope it takes
        self.kinds: list[Any] = []

    def get(self, path: str, scope: Scope, **options: Unpack[Description]) -> Callable[[Work], Work]:
        """Mount the decorated function for GET."""
        return self._add("GET", path, scope, options)

    def post(self, path: str, scope: Scope, **options: Unpack[Description]) -> Callable[[Work], Work]:
        """Mount the decorated function for POST."""
        return self._add("POST", path, scope, options)

    def delete(self, path: str, scope: Scope, **options: Unpack[Description]) -> Callable[[Work], Work]:
        """Mount the decorated function for DELETE."""
        return self._add("DELETE", path, scope, options)

    def _add(self, method: str, path: str, scope: Scope, options: Description) -> Callable[[Work], Work]:
        answers, body, query = options["answers"], options.get("body"), options.get("query")

        def mount(work: Work) -> Work:
            names = re.findall(r"{(\w+)}", path)
            view = _named(_view(work, scope, body or NoBody, query or Nothing, next(iter(answers))), work, names)
            summary, _, description = (work.__doc__ or "").strip().partition("\n")
            self.router.add_api_operation(
                path,
                [method],
                view,
                operation_id=work.__name__,
                response=dict.fromkeys(answers),
                summary=summary.rstrip("."),
                description=inspect.cleandoc(description) or None,
                openapi_extra=describe(
                    answers,
                    body,
                    query,
                    (*options.get("problems", ()), *((404,) if names else ())),
                    idempotent=options.get("idempotent", False),
                ),
            )
            self.rules.append((method, path, scope))
            self.kinds.extend(kind for kind in (body, *answers.values()) if kind is not None)
            return work

        return mount


def _named(view: Callable[..., Any], work: Work, names: Iterable[str]) -> Callable[..., Any]:
    """The view with the name and the path parameters of the work, which the framework reads from its signature."""
    arguments = [inspect.Parameter("request", inspect.Parameter.POSITIONAL_ONLY)]
    arguments += [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=str) for name in names]
    view.__signature__ = inspect.Signature(arguments)  # type: ignore[attr-defined]
    view.__name__, view.__doc__, view.__module__ = work.__name__, work.__doc__, work.__module__
    return view


def _view(work: Work, scope: Scope, body: type[Any], query: type[Any], status: int) -> Callable[..., Any]:
    async def view(request: HttpRequest, /, **names: str) -> HttpResponseBase:
        try:
            principal: Principal = request.auth  # type: ignore[attr-defined]
            if not principal.may(scope):
                raise forbidden(f"This needs the scope {scope}.", "missing_scope")
            asked = read_query(query, request.GET)
            _check_names(names)
            _check_size(request)

            def run(store: Store) -> Any:
                return work(Call(request, store, read_body(body, request), asked), **names)

            answer = await get_gateway().run(run)
        except Exception as error:
            return problem_of(error).response()
        return render(answer, status)

    return view


def _check_size(request: HttpRequest) -> None:
    """Refuse a body by what it says of itself, before any of it is read."""
    most = get_gateway().config.max_body_bytes
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdigit() and int(length[:19]) > most:
        raise too_large(f"The body has more than the {most:,} bytes that this service takes.")


def _check_names(names: Mapping[str, str]) -> None:
    """Answer 404 for an id that no job can have; store keys are made of nothing else."""
    if "job_id" in names:
        try:
            checked_id(names["job_id"])
        except Exception as error:
            raise Problem(404, "not_found", "There is no such job.") from error
