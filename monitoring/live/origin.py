"""Whether a page of ours asks: browsers send cookies along with WebSockets of any page, and say of which in Origin."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from jobs.web.asgi import Scope

LOCAL = (".localhost", "127.0.0.1", "[::1]")
SCHEMES = {"ws": "http", "wss": "https", "http": "http", "https": "https"}
PORTS = {"http": 80, "https": 443}


def is_ours(scope: Scope) -> bool:
    """True when scheme, host and port of Origin are those of the request, and the host is one of ours.

    Each header must be there once. Never raises.
    """
    origins, hosts = _values(scope, b"origin"), _values(scope, b"host")
    if len(origins) != 1 or len(hosts) != 1:
        return False
    domain, _ = split_domain_port(hosts[0])
    allowed = settings.ALLOWED_HOSTS or (LOCAL if settings.DEBUG else ())
    if not domain or not validate_host(domain, allowed):
        return False
    scheme = SCHEMES.get(scope.get("scheme", "ws"))
    place = _place(origins[0])
    return place is not None and place == _place(f"{scheme}://{hosts[0]}")


def _place(text: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an origin; None for anything that is none."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    rest = parts.path or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in PORTS or not parts.hostname or rest:
        return None
    return parts.scheme, parts.hostname, PORTS[parts.scheme] if port is None else port


def _values(scope: Scope, wanted: bytes) -> list[str]:
    return [value.decode("latin-1") for name, value in scope["headers"] if name == wanted]
