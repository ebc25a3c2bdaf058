"""Who asks, and what they may: API keys and logged-in people, one answer for both."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, Final

import msgspec
from asgiref.sync import sync_to_async
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, connection
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from jobs.models import ApiKey, key_hash
from jobs.scopes import Scope

from .problems import Problem

CACHE_SECONDS: Final = 5.0
CACHE_SIZE: Final = 10_000
TOUCH_SECONDS: Final = 60.0
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Principal(msgspec.Struct, frozen=True):
    """Who asks. `id` is stable (`key:7`, `user:3`), `name` is for people, `expires` a time.time() or 0 for never."""

    id: str
    name: str
    scopes: frozenset[Scope]
    expires: float = 0.0

    def may(self, scope: Scope) -> bool:
        """True when the scope is granted."""
        return scope in self.scopes


def unauthorized(detail: str) -> Problem:
    """401, saying how to prove who one is."""
    return Problem(401, "unauthorized", detail, headers={"WWW-Authenticate": 'Bearer realm="QueueFlow"'})


def forbidden(detail: str, code: str = "forbidden") -> Problem:
    """403."""
    return Problem(403, code, detail)


class KeyRing:
    """Finds who holds a key. What was found, or not, holds for five seconds; use is noted once a minute."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, int, Principal | None]] = {}
        self._touched: dict[int, float] = {}
        self._lock = threading.Lock()
        self._notes = ThreadPoolExecutor(1, thread_name_prefix="key-use")

    async def principal(self, text: str) -> Principal | None:
        """The holder of a key; None for one that is unknown, revoked or expired. Raises DatabaseError."""
        digest = key_hash(text)
        until, key_id, found = self._known.get(digest, (0.0, 0, None))
        if time.monotonic() >= until:
            key_id, found = await sync_to_async(self._look_up)(digest)
        if found is None or 0 < found.expires <= time.time():
            return None
        self._touch(key_id)
        return found

    def forget(self) -> None:
        """Look every key up again."""
        with self._lock:
            self._known.clear()

    def _look_up(self, digest: str) -> tuple[int, Principal | None]:
        key = ApiKey.objects.filter(hash=digest, revoked_at=None).first()
        found = None
        if key is not None:
            expires = key.expires_at.timestamp() if key.expires_at else 0.0
            found = Principal(f"key:{key.pk}", key.name, key.granted, expires)
        with self._lock:
            if len(self._known) >= CACHE_SIZE:
                self._known.clear()
            self._known[digest] = (time.monotonic() + CACHE_SECONDS, key.pk if key else 0, found)
        return key.pk if key else 0, found

    def _touch(self, key_id: int) -> None:
        now = time.monotonic()
        if now - self._touched.get(key_id, float("-inf")) >= TOUCH_SECONDS:
            self._touched[key_id] = now
            self._notes.submit(note_use, key_id)


def note_use(key_id: int) -> None:
    """Write down that a key is in use. A database that is busy is not waited for by anybody but this thread."""
    try:
        ApiKey.objects.filter(pk=key_id).update(last_used_at=timezone.now())
    except DatabaseError:
        return
    finally:
        connection.close()


@cache
def key_ring() -> KeyRing:
    """This process's key ring."""
    return KeyRing()


class KeyAccess(HttpBearer):
    """`Authorization: Bearer <key>`. Anything else in that header is refused, and never tried as a session."""

    def __init__(self) -> None:
        super().__init__()
        self.is_async = True

    async def __call__(self, request: HttpRequest) -> Principal | None:
        """The key's holder; None without the header. Raises Problem 401."""
        header = request.headers.get("Authorization")
        if header is None:
            return None
        kind, _, text = header.partition(" ")
        if kind.lower() != "bearer" or not text.strip():
            raise unauthorized("Give the API key as: Authorization: Bearer <key>")
        return await self.authenticate(request, text.strip())

    async def authenticate(self, request: HttpRequest, token: str) -> Principal:
        """The key's holder. Raises Problem 401."""
        found = await key_ring().principal(token)
        if found is None:
            raise unauthorized("This API key is not known, has expired or was revoked.")
        return found


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
        return person(user)


def person(user: Any) -> Principal:
    """What a logged-in user may: superusers all, staff all but administration, others look."""
    if user.is_superuser:
        scopes = frozenset(Scope)
    elif user.is_staff:
        scopes = frozenset(Scope) - {Scope.ADMIN}
    else:
        scopes = frozenset({Scope.READ})
    return Principal(f"user:{user.pk}", user.get_username(), scopes)
