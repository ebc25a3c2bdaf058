"""Which peers are proxies of ours, whose word about the client is believed, and which hosts are this machine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})
SOCKET = "unix"  # a peer on a Unix socket has no address
LONGEST = 100  # characters of an address with port, zone and spaces; longer ones are not looked at


@dataclass(frozen=True)
class TrustedProxies:
    """Networks, and whether a peer on a Unix socket counts as one of ours. By default nobody is trusted."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    socket: bool = False

    @classmethod
    def parse(cls, text: str) -> TrustedProxies:
        """Read addresses, networks (CIDR) and the word `unix`, separated by commas. Raises ValueError with a hint."""
        parts = [part.strip() for part in text.split(",") if part.strip()]
        return cls(tuple(_networks(part for part in parts if part != SOCKET)), SOCKET in parts)

    def trusts(self, address: Address | None) -> bool:
        """True for an address of ours; None stands for a peer on a Unix socket."""
        if address is None:
            return self.socket
        return any(address in network for network in self.networks)


def local_only(hosts: Iterable[str]) -> bool:
    """True when a site answers to no name by which another machine could reach it."""
    return all(host.lower() in LOCAL_HOSTS or host.lower().endswith(".localhost") for host in hosts)


def _networks(parts: Iterable[str]) -> Iterable[IPv4Network | IPv6Network]:
    for part in parts:
        try:
            network = ip_network(part)
        except ValueError:
            hint = f"{part!r} is no address or network: give 10.0.0.7, 10.0.0.0/8, 2001:db8::/32 or unix"
            raise ValueError(hint) from None
        if network.prefixlen == 0:
            raise ValueError(
                f"{part!r} trusts everybody, so that clients could choose their address: name your proxies"
            )
        yield network


def address_of(text: str) -> Address | None:
    """The address in a hop of X-Forwarded-For or of a peer, without its port or zone; None for anything else.

    An IPv4 address in IPv6 clothes (`::ffff:192.0.2.1`, as dual-stack sockets tell it) is that IPv4 address.
    """
    return _address_of(text) if len(text) <= LONGEST else None


@lru_cache(maxsize=4096)
def _address_of(text: str) -> Address | None:
    host = text.strip()
    if host.startswith("["):
        host, closed, _ = host[1:].partition("]")
        host = host if closed else ""
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
