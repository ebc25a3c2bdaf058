"""Tells who uses a method that an address does not have which ones it has, before asking for a CSRF token."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import render

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})  # no token is asked for
OF_A_PAGE: Final = frozenset({"GET", "HEAD", "POST"})  # where a view does not say


class MethodsFirst(CsrfViewMiddleware):
    """Django's check of CSRF tokens, in which a wrong method is 405 with Allow and not a missing token."""

    def process_view(self, request: HttpRequest, callback: Any, callback_args: Any, callback_kwargs: Any) -> Any:
        """None to go on, or the refusal. Views without the check, as those of the API, refuse by themselves."""
        if request.method not in SAFE and not getattr(callback, "csrf_exempt", False):
            allowed = methods_of(callback)
            if request.method not in allowed:
                refused: HttpResponseBase = HttpResponseNotAllowed(sorted(allowed))
                return refused
        return super().process_view(request, callback, callback_args, callback_kwargs)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """For a browser, 405 becomes a page: its own is a blank one, or an error that says nothing."""
        if response.status_code == 405 and request.method == "GET" and "text/html" in request.headers.get("Accept", ""):
            allowed = response["Allow"]
            response = render(request, "405.html", status=405)
            response["Allow"] = allowed
        return super().process_response(request, response)


def methods_of(view: Any) -> frozenset[str]:
    """The methods of a view as its class has them, or as Django's decorators (`require_safe`) were given them."""
    while view is not None:
        if kind := getattr(view, "view_class", None):
            names = {name.upper() for name in kind.http_method_names if hasattr(kind, name)}
            return frozenset(names | {"HEAD"} if "GET" in names else names)
        free = getattr(getattr(view, "__code__", None), "co_freevars", ())
        if "request_method_list" in free:  # decorators tell nobody, so what they enclose is looked at
            return frozenset(view.__closure__[free.index("request_method_list")].cell_contents)
        view = getattr(view, "__wrapped__", None)
    return OF_A_PAGE
