"""The settings: what runs here and with what, what one may do, and what this browser keeps."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from jobs.access.pages import PersonRequest, needs
from jobs.api.gateway import get_gateway
from jobs.conf import get_config
from jobs.errors import StoreError
from jobs.rights import Right
from monitoring.pages import show
from monitoring.settings_page import rights_of_person, settings_of, versions_of

# What the admin has, by the permission to look at it.
ADMIN: tuple[tuple[str, str, str], ...] = (
    ("jobs.view_apikey", "API keys", "admin:jobs_apikey_changelist"),
    ("auth.view_user", "People", "admin:auth_user_changelist"),
    ("auth.view_group", "Groups and their rights", "admin:auth_group_changelist"),
)


@require_safe
@needs(Right.VIEW)
async def settings(request: PersonRequest) -> HttpResponse:
    """The page. It is shown without a store too."""
    config = get_config()
    try:
        server = await get_gateway().run(lambda store: store.metrics.server().version)
    except StoreError:
        server = ""
    context = {
        "settings": settings_of(config, request.principal),
        "versions": versions_of(config, server),
        "rights": rights_of_person(request.principal),
        **await sync_to_async(_person)(await request.auser()),
    }
    return await show(request, "monitoring/settings/page.html", context)


def _person(user: Any) -> dict[str, Any]:
    """The groups of a person, and what of the admin they may look at."""
    links = [(word, reverse(name)) for right, word, name in ADMIN if user.is_staff and user.has_perm(right)]
    return {
        "groups": list(user.groups.order_by("name").values_list("name", flat=True)),
        "is_superuser": user.is_superuser,
        "links": links,
    }
