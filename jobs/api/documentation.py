"""The documentation of the API: who may read it, how often, and the OpenAPI document, made once a process."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from ninja.responses import NinjaJSONEncoder

from jobs.access.principal import Principal
from jobs.errors import StoreError

from .gateway import get_gateway
from .limiter import get_limiter
from .problems import unauthorized


class Document:
    """The OpenAPI document as it is sent. `make` gives it as a dict."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    @cached_property
    def _body(self) -> bytes:
        return json.dumps(self._make(), cls=NinjaJSONEncoder, ensure_ascii=False).encode()

    @cached_property
    def _etag(self) -> str:
        return f'"{hashlib.sha256(self._body).hexdigest()[:32]}"'

    def response(self, request: HttpRequest) -> HttpResponse:
        """The document, or 304 for one who has it already."""
        headers = {"Cache-Control": "private, no-cache", "ETag": self._etag}
        whole = HttpResponse(self._body, content_type="application/json", headers=headers)
        answer: HttpResponse = get_conditional_response(request, etag=self._etag, response=whole) or whole
        return answer


async def admitted(request: HttpRequest, accesses: Iterable[Any]) -> dict[str, str]:
    """Let those in who may use what is documented; return the headers that tell what is left of their tokens.

    Raises Problem 401 and 429, and what the accesses raise.
    """
    for access in accesses:
        principal: Principal | None = await access(request)
        if principal is not None:
            return await _taken(principal)
    raise unauthorized("Log in, or give an API key.")


async def _taken(principal: Principal) -> dict[str, str]:
    if principal.rate is None:
        return {}
    try:
        return await get_gateway().run(lambda store: get_limiter().take(store, principal))
    except StoreError:  # what is made once and needs no store is there without one
        return {}
