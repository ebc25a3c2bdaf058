"""Errors that Django meets outside of the API's views, such as a wrong host: in the API's form below /api."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from .problems import Problem

PREFIX = "/api/"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    if request.path.startswith(PREFIX):
        return Problem(400, "malformed_request", "The request is refused.").response()
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500; Django has logged it."""
    if request.path.startswith(PREFIX):
        return Problem(500, "internal_error", "Something went wrong here. It has been logged.").response()
    return defaults.server_error(request)
