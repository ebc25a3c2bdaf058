"""Guards pages: a visitor is sent to log in, a person without the right is told which one is missing."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from channels.db import database_sync_to_async
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from jobs.rights import SENTENCES, Right

from .principal import Principal, person

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, P], Coroutine[Any, Any, HttpResponseBase]]


class PersonRequest(HttpRequest):
    """A request of somebody who is logged in and has passed `needs`."""

    principal: Principal


def demand(principal: Principal, right: Right) -> None:
    """Raises PermissionDenied, whose text names the right, for one who lacks it."""
    if not principal.may(right):
        raise PermissionDenied(f"You lack a right: {SENTENCES[right][0].lower()}{SENTENCES[right][1:]}.")


def needs(
    right: Right,
) -> Callable[[Callable[Concatenate[PersonRequest, P], Coroutine[Any, Any, HttpResponseBase]]], Page[P]]:
    """Let only those with the right see an async page, which finds them as `request.principal`.

    Others get 403 (PermissionDenied, whose text names what is missing); who is not logged in is sent to do so.
    """

    def guard(page: Callable[Concatenate[PersonRequest, P], Coroutine[Any, Any, HttpResponseBase]]) -> Page[P]:
        @wraps(page)
        async def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            user: Any = await request.auser()
            if not user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            principal = await database_sync_to_async(person)(user)
            demand(principal, right)
            request.principal = principal  # type: ignore[attr-defined]
            return await page(request, *args, **kwargs)  # type: ignore[arg-type]

        return guarded

    return guard
