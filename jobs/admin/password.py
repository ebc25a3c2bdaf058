"""The page on which people change their own password: on record, like every change of a user, with a limit to guessing.

Guesses at the old password count together with those of the login page: a session that was left open lets nobody guess
faster.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from jobs import trail
from jobs.access.address import client_address
from jobs.web.login import throttle


def change_password(request: HttpRequest) -> HttpResponse:
    """Django's page; a change and its entry are kept together, or neither. 429 for who has guessed too often."""
    response: HttpResponse
    if request.method != "POST":
        response = _page(request)
        return response
    address, name = client_address(request), request.user.get_username()
    seconds = throttle().wait(address, name).seconds
    if seconds:
        return _too_often(request, seconds)
    response = _changed(request)
    if _knew_it(response):
        throttle().forgive(address, name)
    return response


def _page(request: HttpRequest) -> Any:
    return admin.site.password_change(request)


def _changed(request: HttpRequest) -> Any:
    with transaction.atomic():
        response = _page(request)
        if response.status_code == 302:
            actor = trail.person(request.user, client_address(request))
            detail = {"name": str(request.user), "changed": ["password"]}
            trail.note(actor=actor, action=trail.Action.USER_CHANGE, target=str(request.user.pk), detail=detail)
    return response


def _knew_it(response: Any) -> bool:
    """True when the old password was right, whatever is wrong with the new one."""
    return response.status_code == 302 or "old_password" not in response.context_data["form"].errors


def _too_often(request: HttpRequest, seconds: int) -> HttpResponse:
    request.method = "GET"  # the page with an empty form: one with data would check the password
    response: Any = _page(request)
    form = response.context_data["form"]
    words = f"Too many attempts. Try again in {seconds} second{'s' if seconds > 1 else ''}."
    form.errors["old_password"] = form.error_class([words])
    response.status_code = 429
    response["Retry-After"] = str(seconds)
    answer: HttpResponse = response
    return answer
