"""The API class: one form for every refusal, also for those that the framework makes."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, re_path
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from .access import KeyAccess, SessionAccess
from .openapi.document import complete
from .problems import Problem, not_found, problem_of, unauthorized

View = Callable[..., Any]


class QueueFlowAPI(NinjaAPI):
    """A NinjaAPI that answers every refusal as application/problem+json and lets nobody in without a credential."""

    def __init__(self, **options: Any) -> None:
        self.accesses = (KeyAccess(), SessionAccess())
        self._wire_kinds: list[Any] = []
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
                pattern.callback = nothing_here if is_root else _with_problems(pattern.callback)
        return [*found, re_path(r"", nothing_here)]

    def _guarded(self, view: View) -> View:
        """The documentation is for those who may use what it describes."""

        @wraps(view)
        async def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                for access in self.accesses:
                    if await access(request):
                        break
                else:
                    raise unauthorized("Log in, or give an API key.")
            except Exception as error:
                return self.on_exception(request, error)
            shown: HttpResponseBase = await sync_to_async(view)(request, *args, **kwargs)
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
    """The view, with the framework's own 405 in our form."""

    @wraps(view)
    async def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = await view(request, *args, **kwargs)
        if isinstance(response, HttpResponseNotAllowed):
            allowed = ", ".join(sorted(response["Allow"].split(", ")))
            detail = f"{request.method} is not allowed here, only {allowed}."
            return Problem(405, "method_not_allowed", detail, headers={"Allow": allowed}).response()
        return response

    answered.csrf_exempt = True  # type: ignore[attr-defined]  # access checks it, for sessions only
    return answered


async def nothing_here(request: HttpRequest) -> HttpResponse:
    """404 for every address below /api that nothing has."""
    return not_found().response()


nothing_here.csrf_exempt = True  # type: ignore[attr-defined]
