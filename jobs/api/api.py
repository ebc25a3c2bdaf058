"""The API class: one form for every refusal, also for those that the framework makes."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, re_path
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from .access import KeyAccess, SessionAccess
from .documentation import Document, admitted
from .openapi.document import complete
from .problems import Problem, not_found, problem_of, unauthorized

View = Callable[..., Any]
R = TypeVar("R", bound=HttpResponseBase)
DOCUMENT = "openapi-json"  # the framework's name for its address


class QueueFlowAPI(NinjaAPI):
    """A NinjaAPI that answers every refusal as application/problem+json and lets nobody in without a credential."""

    def __init__(self, **options: Any) -> None:
        self.accesses = (KeyAccess(), SessionAccess())
        self._wire_kinds: list[Any] = []
        self._document = Document(self.get_openapi_schema)
        super().__init__(auth=self.accesses, docs_decorator=self._guarded, **options)

    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:
        """The answer to whatever was raised."""
        return _problem(exc).response()

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """The OpenAPI document."""
        schema = super().get_openapi_schema(**options)
        whole = complete(schema, self._wire_kinds)
        schema.clear()
        schema.update(whole)
        return schema

    def declare(self, *kinds: Any) -> None:
        """Make the schemas of these Structs part of the OpenAPI document."""
        self._wire_kinds += kinds

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        found = super()._get_urls()
        for pattern in found:
            if isinstance(pattern, URLPattern):
                is_root = pattern.name == "api-root"
                view = self._guarded(self._document.response) if pattern.name == DOCUMENT else pattern.callback
                pattern.callback = nothing_here if is_root else _with_problems(view)
        return [*found, re_path(r"", nothing_here)]

    def _guarded(self, view: View) -> View:
        """The documentation is for those who may use what it describes."""

        @wraps(view)
        async def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method != "GET":
                return HttpResponseNotAllowed(["GET"])
            try:
                limits = await admitted(request, self.accesses)
            except Exception as error:
                return self.on_exception(request, error)
            shown: HttpResponseBase = await sync_to_async(view)(request, *args, **kwargs)
            for name, value in limits.items():
                shown[name] = value
            return shown

        return guarded


def _problem(error: Exception) -> Problem:
    if isinstance(error, AuthenticationError):
        return unauthorized("Log in, or give an API key as: Authorization: Bearer <key>")
    if isinstance(error, HttpError):
        return Problem(error.status_code, "refused", error.message)
    if isinstance(error, ValidationError):
        return Problem(422, "invalid", "The address or its parameters cannot be accepted.")
    return problem_of(error)


def _with_problems(view: View) -> View:
    """The view, which answers HEAD as GET without the body; with the framework's own 405 in our form."""

    @wraps(view)
    async def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        method = request.method
        if method == "HEAD":
            request.method = "GET"
        response: HttpResponseBase = await view(request, *args, **kwargs)
        if isinstance(response, HttpResponseNotAllowed):
            response = _not_allowed(method or "", response["Allow"].split(", "))
        return _without_body(response) if method == "HEAD" else response

    answered.csrf_exempt = True  # type: ignore[attr-defined]  # access checks it, for sessions only
    return answered


def _not_allowed(method: str, methods: list[str]) -> HttpResponse:
    allowed = ", ".join(sorted({*methods, "HEAD"} if "GET" in methods else methods))
    detail = f"{method} is not allowed here, only {allowed}."
    return Problem(405, "method_not_allowed", detail, headers={"Allow": allowed}).response()


def _without_body(response: R) -> R:
    """The answer to HEAD: it tells how long the body would be."""
    if isinstance(response, HttpResponse):
        if response.status_code not in (204, 304):
            response["Content-Length"] = str(len(response.content))
        response.content = b""
    return response


async def nothing_here(request: HttpRequest) -> HttpResponse:
    """404 for every address below /api that nothing has."""
    found = not_found().response()
    return _without_body(found) if request.method == "HEAD" else found


nothing_here.csrf_exempt = True  # type: ignore[attr-defined]
