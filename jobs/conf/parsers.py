"""How the text of a variable becomes a value; each parser raises ValueError with the hint an operator needs."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from jobs.partitioning import MOST_PARTITIONS, Partitions

REDIS_SCHEMES = frozenset({"redis", "rediss", "unix"})
KUBERNETES_NAME = r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?"
DOTTED_PATH = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*\Z")
TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off"})


def integer(low: int, high: int) -> Callable[[str], int]:
    """Return a parser for whole numbers from `low` to `high`."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]{1,19}", text) or not low <= int(text) <= high:
            raise ValueError(f"give a whole number from {low} to {high}")
        return int(text)

    return parse


def seconds(low: float, high: float) -> Callable[[str], float]:
    """Return a parser for durations in seconds from `low` to `high`."""

    def parse(text: str) -> float:
        hint = f"give seconds from {low:g} to {high:g}"
        try:
            value = float(text)
        except ValueError:
            raise ValueError(hint) from None
        if not math.isfinite(value) or not low <= value <= high:
            raise ValueError(hint)
        return value

    return parse


def choice(*allowed: str) -> Callable[[str], str]:
    """Return a parser that finds the text among `allowed`, whatever its case."""

    def parse(text: str) -> str:
        for word in allowed:
            if text.lower() == word.lower():
                return word
        raise ValueError(f"give one of {', '.join(allowed)}")

    return parse


def boolean(text: str) -> bool:
    """Parse true/false, yes/no, on/off or 1/0."""
    if text.lower() in TRUE_WORDS | FALSE_WORDS:
        return text.lower() in TRUE_WORDS
    raise ValueError("give true or false")


def redis_url(text: str) -> str:
    """Check the form of a server address; the connection itself is tried by whoever needs it."""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in REDIS_SCHEMES and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable or not (parts.path if parts.scheme == "unix" else parts.hostname):
        raise ValueError("give redis://host:6379/0, rediss://host:6379/0 or unix:///path/to/socket")
    return text


def addresses(text: str) -> tuple[tuple[str, int], ...]:
    """Parse host:port addresses separated by commas; an IPv6 address stands in brackets."""
    found = []
    for part in (each.strip() for each in text.split(",") if each.strip()):
        split = urlsplit(f"//{part}")
        try:
            host, port = split.hostname, split.port
        except ValueError:
            host, port = None, None
        if not host or not port or split.path or split.username is not None:
            raise ValueError("give host:port addresses separated by commas, like sentinel-1:26379,sentinel-2:26379")
        found.append((host, port))
    return tuple(found)


def partitions(text: str) -> Partitions:
    """Parse how many partitions there are, or the addresses of their servers, one each."""
    if re.fullmatch(r"[0-9]{1,3}", text) and 1 <= int(text) <= MOST_PARTITIONS:
        return Partitions(int(text))
    parts = tuple(part.strip() for part in text.split(",") if part.strip())
    try:
        urls = tuple(map(redis_url, parts))
    except ValueError:
        urls = ()
    if not 2 <= len(urls) <= MOST_PARTITIONS or len(set(urls)) < len(urls):
        raise ValueError(
            f"give a number from 1 to {MOST_PARTITIONS}, or the addresses of as many servers separated by commas, like "
            "redis://one:6379/0,redis://two:6379/0"
        )
    return Partitions(len(urls), urls)


def key_prefix(text: str) -> str:
    """Check the prefix of every key in the store: printable, without spaces or braces, ending in a colon."""
    if not re.fullmatch(r"[A-Za-z0-9_.:-]{0,63}:", text):
        raise ValueError("give up to 64 of A-Z a-z 0-9 _ . : - with a colon at the end, like queueflow:")
    return text


def weights(text: str) -> tuple[int, int, int]:
    """Parse the shares of high, normal and low priority."""
    parts = [part.strip() for part in text.split(",")]
    shares = [int(part) for part in parts if re.fullmatch(r"[0-9]{1,4}", part)]
    if len(parts) != 3 or len(shares) != 3 or not any(shares) or max(shares) > 1000:
        raise ValueError("give three whole numbers from 0 to 1000 for high, normal, low, not all 0, like 60,30,10")
    return shares[0], shares[1], shares[2]


def dotted_paths(text: str) -> tuple[str, ...]:
    """Parse a comma-separated list of module paths."""
    paths = tuple(part.strip() for part in text.split(",") if part.strip())
    if not all(DOTTED_PATH.match(path) for path in paths):
        raise ValueError("give module paths separated by commas, like shop.handlers,mail.handlers")
    return paths


def kubernetes_name(text: str) -> str:
    """Check the form of the name of something in Kubernetes."""
    if not re.fullmatch(KUBERNETES_NAME, text):
        raise ValueError("give a name as Kubernetes has them: a-z 0-9 . -")
    return text


def strategy_name(text: str) -> str:
    """Check the form of a scaling strategy's name; whether there is one is known where strategies are."""
    if not re.fullmatch(r"[A-Za-z_][\w.-]{0,199}", text, re.ASCII):
        raise ValueError("give the name of a strategy, like default, or a dotted path to one")
    return text
