"""Who the client is: decided from the right, by our own proxies only, and never by an exception."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.access.address import forwarded_client, forwarded_scheme
from jobs.conf import read
from jobs.proxies import TrustedProxies
from jobs.web.proxied import FORWARDING, Proxied

OURS = TrustedProxies.parse("10.0.0.0/8, 2001:db8::/32, 192.0.2.1")
NOBODY = TrustedProxies()


@pytest.mark.parametrize(
    ("peer", "header", "client"),
    [
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.9, 10.9.9.9", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9,192.0.2.1,2001:db8::7", "203.0.113.9"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "  203.0.113.9  ", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9:51234", "203.0.113.9"),
        ("10.0.0.1", "[2a00:1::9]:443", "2a00:1::9"),
        ("10.0.0.1", "[2a00:1::9]", "2a00:1::9"),
        ("10.0.0.1", "2a00:1::9", "2a00:1::9"),
        ("10.0.0.1", "fe80::1%eth0", "fe80::1"),
        ("10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"),
        ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("2001:db8::1", "203.0.113.9", "203.0.113.9"),
    ],
)
def test_the_rightmost_hop_that_is_not_ours_is_the_client(peer, header, client):
    assert forwarded_client(peer, [header], OURS) == client


@pytest.mark.parametrize(
    "header", ["", " ", ",", ",,,", "unknown", "_hidden", "203.0.113.9.7", "1.2.3.4, nonsense", "[::1", "[]", "%", ":"]
)
def test_a_hop_that_is_no_address_ends_the_look(header):
    assert forwarded_client("10.0.0.1", [header], OURS) == "10.0.0.1"


def test_what_comes_before_a_stranger_is_not_read():
    assert forwarded_client("10.0.0.1", ["127.0.0.1, 198.51.100.1"], OURS) == "198.51.100.1"
    assert forwarded_client("203.0.113.5", ["127.0.0.1"], OURS) == "203.0.113.5"
    assert forwarded_client("10.0.0.1", ["203.0.113.9"], NOBODY) == "10.0.0.1"


def test_several_headers_are_one_list():
    assert forwarded_client("10.0.0.1", ["1.1.1.1", "203.0.113.9, 10.0.0.2"], OURS) == "203.0.113.9"


def test_a_hundred_hops_are_walked():
    ours = ", ".join(f"10.0.0.{number}" for number in range(100))
    assert forwarded_client("10.0.0.1", [f"203.0.113.9, {ours}"], OURS) == "203.0.113.9"


def test_a_peer_on_a_unix_socket_is_believed_only_when_it_is_named():
    assert forwarded_client(None, ["203.0.113.9"], TrustedProxies.parse("unix")) == "203.0.113.9"
    assert forwarded_client(None, ["203.0.113.9"], OURS) == ""
    assert forwarded_client(None, [], TrustedProxies.parse("unix")) == ""


@given(peer=st.none() | st.text(max_size=40), hops=st.lists(st.text(max_size=60), max_size=5))
def test_no_header_ever_raises(peer, hops):
    for trusted in (OURS, NOBODY, TrustedProxies.parse("unix")):
        assert isinstance(forwarded_client(peer, hops, trusted), str)
    assert forwarded_scheme(hops, "http") in {"http", "https"}


@pytest.mark.parametrize(
    ("said", "scheme"),
    [("https", "https"), (" HTTPS ", "https"), ("http, https", "https"), ("https, http", "http"), ("gopher", "http"),
     ("", "http"), (",", "http"), ("wss", "https"), ("https;x", "http")],
)  # fmt: skip
def test_the_last_word_of_the_nearest_proxy_is_the_scheme(said, scheme):
    assert forwarded_scheme([said], "http") == scheme


def seen(trusted, client, *headers, kind="http", scheme="http"):
    """What an application behind the wrapper is told."""
    told: dict[str, Any] = {}

    async def application(scope, receive, send):
        told.update(scope)

    scope = {"type": kind, "client": client, "scheme": scheme, "headers": [(b"host", b"x"), *headers]}
    if not scheme:
        del scope["scheme"]
    asyncio.run(Proxied(application, trusted)(scope, None, None))  # type: ignore[arg-type]
    return told


FOR, PROTO = (b"x-forwarded-for", b"203.0.113.9"), (b"x-forwarded-proto", b"https")


def test_our_proxy_says_who_the_client_is_and_how_it_came():
    told = seen(OURS, ["10.0.0.1", 4711], FOR, PROTO)
    assert (told["client"], told["scheme"]) == (("203.0.113.9", 0), "https")


def test_a_stranger_says_nothing():
    told = seen(OURS, ["203.0.113.5", 4711], FOR, PROTO)
    assert (told["client"], told["scheme"]) == (["203.0.113.5", 4711], "http")


@pytest.mark.parametrize("client", [["10.0.0.1", 1], ["203.0.113.5", 1], None])
def test_no_application_sees_a_forwarding_header(client):
    told = seen(OURS, client, *((name, b"10.1.2.3") for name in sorted(FORWARDING)))
    assert told["headers"] == [(b"host", b"x")]


def test_a_socket_is_upgraded_to_a_secure_one():
    assert seen(OURS, ["10.0.0.1", 1], PROTO, kind="websocket", scheme="")["scheme"] == "wss"
    assert seen(NOBODY, ["10.0.0.1", 1], PROTO, kind="websocket", scheme="ws")["scheme"] == "ws"


def test_only_the_scheme_may_be_told():
    assert seen(OURS, ["10.0.0.1", 4711], PROTO)["client"] == ["10.0.0.1", 4711]


def test_a_proxy_on_a_socket_may_tell_the_client():
    assert seen(TrustedProxies.parse("unix"), None, FOR)["client"] == ("203.0.113.9", 0)
    assert seen(OURS, None, FOR)["client"] is None


@pytest.mark.parametrize(
    "text", ["nonsense", "10.0.0.1/8", "10.0.0.0/33", "*", "0.0.0.0/0", "::/0", "proxy.example.com"]
)
def test_a_list_that_makes_no_sense_or_trusts_everybody_is_refused(text):
    config, problems = read({"TRUSTED_PROXIES": f"192.0.2.7, {text}"})
    assert [problem.name for problem in problems] == ["TRUSTED_PROXIES"]
    assert text in problems[0].hint
    assert config.trusted_proxies == NOBODY
