"""The page on which people change their own password: on record, like every change of a user."""

from __future__ import annotations

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from jobs import trail
from jobs.access.address import client_address


def change_password(request: HttpRequest) -> HttpResponse:
    """Django's page; a change and its entry are kept together, or neither."""
    with transaction.atomic():
        response: HttpResponse = admin.site.password_change(request)
        if request.method == "POST" and response.status_code == 302:
            actor = trail.person(request.user, client_address(request))
            detail = {"changed": ["password"]}
            trail.note(actor=actor, action=trail.Action.USER_CHANGE, target=str(request.user.pk), detail=detail)
    return response
