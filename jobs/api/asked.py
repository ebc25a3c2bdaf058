"""One request as the endpoints see it, whoever took it in: Django or the short way in front of it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from django.http import QueryDict

from jobs.access.principal import Principal


class Asked(msgspec.Struct, frozen=True):
    """A request with the one who asks. `headers` are found by names in lower case, `address` is the client's."""

    method: str
    path: str
    query: QueryDict
    headers: Mapping[str, str]
    body: bytes
    principal: Principal
    address: str = ""
