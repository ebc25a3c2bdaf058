"""Errors that Django meets outside of the API's views, such as a wrong host: in the API's form below /api."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template import loader

from .problems import Problem

PREFIX = "/api/"
# Where not even the template can be had. Django's views of this name look into the form, which may be what is wrong.
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body><h1>{title}</h1><p>{words}</p></body></html>
"""


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    if request.path.startswith(PREFIX):
        return Problem(400, "malformed_request", "The request is refused.").response()
    return _page("400.html", "Bad request", "The request cannot be read.", status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """500; Django has logged it."""
    if request.path.startswith(PREFIX):
        return Problem(500, "internal_error", "Something went wrong here. It has been logged.").response()
    words = "Something went wrong here. It has been logged."
    return _page("500.html", "Something went wrong", words, status=500)


def _page(template: str, title: str, words: str, *, status: int) -> HttpResponse:
    """A page that needs neither store nor database, nor the request, which may be what is wrong."""
    try:
        page = loader.get_template(template).render()
    except Exception:  # static files that nobody collected, for example
        page = PAGE.format(title=title, words=words)
    return HttpResponse(page, status=status)
