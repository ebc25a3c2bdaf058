"""Who looks: the person of a session, with rights as they are now."""

from __future__ import annotations

import hashlib
from importlib import import_module
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest, parse_cookie

from jobs.access.principal import Principal, person
from jobs.rights import Right
from jobs.web.asgi import Scope


def session_key(scope: Scope) -> str:
    """The session that the cookies name; "" for none."""
    headers = [value for name, value in scope["headers"] if name == b"cookie"]
    cookies = parse_cookie("; ".join(value.decode("latin-1") for value in headers))
    return str(cookies.get(settings.SESSION_COOKIE_NAME, ""))


async def viewer_of(key: str) -> Principal | None:
    """The person of a session who may look; None for a session that is over, and for one without the right."""
    if not key:
        return None
    found: Principal | None = await database_sync_to_async(_viewer)(key)
    return found


def mark_of(key: str) -> str:
    """What stands for a session where it is told of: the key itself would let one in."""
    return hashlib.sha256(key.encode()).hexdigest()


def _viewer(key: str) -> Principal | None:
    request: Any = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    user = get_user(request)  # also compares the session with the password
    if not user.is_authenticated or not user.is_active:
        return None
    found = person(user)
    return found if found.may(Right.VIEW) else None
