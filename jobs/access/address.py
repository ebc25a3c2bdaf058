"""Where a request comes from: the client behind our proxies, and only as far as they can be believed."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest

from jobs.proxies import TrustedProxies, address_of

NOWHERE = ""


def forwarded_client(peer: str | None, hops: Iterable[str], trusted: TrustedProxies) -> str:
    """The client's address: the rightmost hop of X-Forwarded-For that is no proxy of ours, else the peer itself.

    `peer` is who opened the connection (None on a Unix socket), `hops` the header's values in order. What is left of
    the first stranger was written by the stranger, and is not read; neither is anything behind a hop that is no
    address. Returns "" for a peer without an address that no proxy speaks for. Never raises.
    """
    address = address_of(peer) if peer else None
    if peer and address is None:
        return peer
    for hop in reversed(",".join(hops).split(",")):
        if not trusted.trusts(address):
            break
        before = address_of(hop)
        if before is None:
            break
        address = before
    return NOWHERE if address is None else str(address)


def forwarded_scheme(values: Iterable[str], otherwise: str) -> str:
    """`https` or `http` as the nearest proxy says it (the last word of X-Forwarded-Proto), else `otherwise`.

    For headers of a trusted peer only. Never raises.
    """
    said = ",".join(values).rpartition(",")[2].strip().lower()
    return {"https": "https", "wss": "https", "http": "http", "ws": "http"}.get(said, otherwise)


def client_address(request: HttpRequest) -> str:
    """The address of the client of a Django request; "" when it has none (a Unix socket).

    `jobs.web.proxied` has looked behind the proxies already.
    """
    return str(request.META.get("REMOTE_ADDR") or NOWHERE)
