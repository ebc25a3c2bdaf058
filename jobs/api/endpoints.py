"""Collects an app's endpoints: described and routed by django-ninja, served by `Endpoint.serve`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Required, TypedDict, Unpack

import msgspec
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router

from jobs.rights import Right

from .asked import Asked
from .bears import Bears
from .endpoint import Endpoint, Rights, Work
from .openapi.operations import Facts, describe
from .reply import is_text

Mount = Callable[[Work], Work]


class Description(TypedDict, total=False):
    """What an endpoint takes and gives. `problems` are the refusals besides those that every endpoint has;
    `idempotent` documents the Idempotency-Key, `located` the Location of what was made. `bears`: see `Endpoint`."""

    answers: Required[Mapping[int, Any]]
    body: type[msgspec.Struct]
    query: type[msgspec.Struct]
    problems: Iterable[int]
    idempotent: bool
    located: bool
    bears: Bears


class Endpoints:
    """Endpoints in the order in which they were declared, and the Structs that they are made of."""

    def __init__(self) -> None:
        self.router = Router()
        self.all: list[Endpoint] = []
        self._by_work: dict[Work, Endpoint] = {}
        self.kinds: list[Any] = []

    def get(self, path: str, *rights: Right, **options: Unpack[Description]) -> Mount:
        """Mount the decorated function for GET."""
        return self._add("GET", path, rights, options)

    def post(self, path: str, *rights: Right, **options: Unpack[Description]) -> Mount:
        """Mount the decorated function for POST."""
        return self._add("POST", path, rights, options)

    def put(self, path: str, *rights: Right, **options: Unpack[Description]) -> Mount:
        """Mount the decorated function for PUT."""
        return self._add("PUT", path, rights, options)

    def delete(self, path: str, *rights: Right, **options: Unpack[Description]) -> Mount:
        """Mount the decorated function for DELETE."""
        return self._add("DELETE", path, rights, options)

    def of(self, work: Work) -> Endpoint:
        """The endpoint of a decorated function. Raises KeyError."""
        return self._by_work[work]

    def _add(self, method: str, path: str, rights: Rights, options: Description) -> Mount:
        answers, body, query = options["answers"], options.get("body"), options.get("query")

        def mount(work: Work) -> Work:
            bears = options.get("bears", Bears.NOWHERE)
            endpoint = Endpoint(method, path, rights, work, answers=answers, body=body, query=query, bears=bears)
            self._route(endpoint, options)
            self.all.append(endpoint)
            self._by_work[work] = endpoint
            kinds = (body, query, *answers.values())
            self.kinds.extend(kind for kind in kinds if kind is not None and not is_text(kind))
            return work

        return mount

    def _route(self, endpoint: Endpoint, options: Description) -> None:
        facts = Facts(
            answers=options["answers"],
            body=options.get("body"),
            query=options.get("query"),
            problems=tuple(options.get("problems", ())),
            idempotent=options.get("idempotent", False),
            located=options.get("located", False),
        )
        self.router.add_api_operation(
            endpoint.path,
            [endpoint.method],
            _view(endpoint),
            operation_id=endpoint.work.__name__,
            response=dict.fromkeys(options["answers"]),
            summary=(endpoint.work.__doc__ or "").strip().partition("\n")[0].rstrip("."),
            openapi_extra=describe(endpoint, facts),
        )


def _view(endpoint: Endpoint) -> Callable[..., Any]:
    """The endpoint as the framework knows one: a view with path parameters in its signature."""

    async def view(request: HttpRequest, /, **names: str) -> HttpResponseBase:
        return (await endpoint.serve(_asked(request), names)).response()

    arguments = [inspect.Parameter("request", inspect.Parameter.POSITIONAL_ONLY)]
    arguments += [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=str) for name in endpoint.names]
    view.__signature__ = inspect.Signature(arguments)  # type: ignore[attr-defined]
    work = endpoint.work
    view.__name__, view.__doc__, view.__module__ = work.__name__, work.__doc__, work.__module__
    return view


def _asked(request: HttpRequest) -> Asked:
    return Asked(
        method=request.method or "",
        path=request.path,
        query=request.GET,
        headers=request.headers,
        body=request.body,
        principal=request.auth,  # type: ignore[attr-defined]  # the framework sets it to what the access found
        address=request.META.get("REMOTE_ADDR", ""),
    )
