"""The two credentials of the API, as django-ninja knows them: a key, or the session of a logged-in person."""

from __future__ import annotations

from typing import Any, Final

from channels.db import database_sync_to_async
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from ninja.security import HttpBearer
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from jobs.access.keys import key_ring
from jobs.access.principal import Principal, person
from jobs.access.throttle import bar, wrong_key_seen
from jobs.access.wait import Wait

from .problems import Problem, forbidden, unauthorized

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


async def holder_of(header: str, address: str) -> Principal:
    """Who sends this Authorization header from this address.

    Raises Problem 401 for everything but a good key, and 429 for a wrong key from an address
    that has guessed too often; a good one of that address is found all the same, while there are not many to look up.
    """
    kind, _, text = header.partition(" ")
    text = text.strip()
    if kind.lower() != "bearer" or not text:
        raise unauthorized("Give the API key as: Authorization: Bearer <key>")
    ring = key_ring()
    if ring.is_busy and not ring.is_good(text) and (wait := bar(address)).seconds:
        raise _too_many_guesses(wait)
    found = await ring.principal(text)
    if found is None:
        if (wait := bar(address)).seconds:
            raise _too_many_guesses(wait)
        wrong_key_seen(address)
        raise unauthorized("This API key is not known, has expired or was revoked.")
    return found


def _too_many_guesses(wait: Wait) -> Problem:
    detail = f"Too many wrong API keys came from this address. Try again in {wait.seconds} s."
    return Problem(429, "rate_limited", detail, headers=wait.headers)


class KeyAccess(HttpBearer):
    """`Authorization: Bearer <key>`. Anything else in that header is refused, and never tried as a session."""

    def __init__(self) -> None:
        super().__init__()
        self.is_async = True

    async def __call__(self, request: HttpRequest) -> Principal | None:
        """The key's holder; None without the header. Raises Problem 401."""
        header = request.headers.get("Authorization")
        return None if header is None else await holder_of(header, request.META.get("REMOTE_ADDR", ""))

    async def authenticate(self, request: HttpRequest, token: str) -> Principal:
        """The key's holder. Raises Problem 401."""
        return await holder_of(f"Bearer {token}", request.META.get("REMOTE_ADDR", ""))


class SessionAccess(AuthBase):
    """A logged-in person; what changes something needs the CSRF token too."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = "sessionid"

    def __init__(self) -> None:
        super().__init__()
        self.is_async = True

    async def __call__(self, request: HttpRequest) -> Principal | None:
        """The person; None for nobody. Raises Problem 403 without a valid CSRF token."""
        user: Any = await request.auser() if hasattr(request, "auser") else AnonymousUser()
        if not user.is_authenticated or not user.is_active:
            return None
        if request.method not in SAFE_METHODS:
            _ = request.body  # before the check looks for a form in it, after which it could not be read any more
            if check_csrf(request) is not None:
                raise forbidden("The CSRF token is missing or wrong.", "csrf_failed")
        found: Principal = await database_sync_to_async(person)(user)
        return found
