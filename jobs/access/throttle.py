"""How often somebody may guess: passwords by address and by user name, API keys by address."""

from __future__ import annotations

import hashlib
import logging
import math
import unicodedata
from collections.abc import Callable
from functools import cache
from ipaddress import IPv6Address, IPv6Network
from typing import Final

from jobs.errors import ConfigError, StoreError
from jobs.proxies import address_of
from jobs.store.buckets import Bucket, Taken

from .local_buckets import LocalBuckets
from .wait import Wait, wait_for

logger = logging.getLogger(__name__)

Take = Callable[[Bucket, int], Taken]
# At once, and then one in so many seconds.
LONGEST_NAME: Final = 150
LOGINS_OF_AN_ADDRESS: Final = (20, 15)
LOGINS_OF_A_NAME: Final = (10, 60)
WRONG_KEYS_OF_AN_ADDRESS: Final = (30, 2)


class LoginThrottle:
    """Counts attempts to log in where all web processes see it: `take` asks the store, and may raise StoreError.

    While it cannot answer, this process counts alone, so that people still can log in, and guessing stays slow.
    """

    def __init__(self, take: Take) -> None:
        self._take = take
        self._local = LocalBuckets()

    def wait(self, address: str, name: str) -> Wait:
        """Of 0 seconds when another attempt may be made, which counts; else until one may.

        An address that may not does not use up the attempts of the name.
        """
        for bucket in (_of_address(address), _of_name(name)):
            taken = self._taken(bucket, 1)
            if not taken.allowed:
                return wait_for(bucket.capacity, taken)
            if taken.remaining == 0:
                logger.warning("too many attempts to log in: %s from %s", bucket.name.partition(":")[0], address)
        return Wait()

    def forgive(self, address: str, name: str) -> None:
        """Give the last attempt back: it had the right password."""
        for bucket in (_of_address(address), _of_name(name)):
            self._taken(bucket, -1)

    def _taken(self, bucket: Bucket, cost: int) -> Taken:
        try:
            return self._take(bucket, cost)
        except (StoreError, ConfigError):
            return self._local.take(bucket, cost)


def wrong_key_seen(address: str) -> None:
    """Count an API key that nobody has. Each process counts for itself: no request waits for the store for that."""
    _wrong_keys().take(_of_wrong_keys(address), 1)


def bar(address: str) -> Wait:
    """For how long a wrong API key of this address need not be looked up; not at all while it guesses not too often.

    Ask only about a key that is not known to be good: one client with an old key must not bar those behind the same
    proxy that have a right one.
    """
    seen = _wrong_keys().take(_of_wrong_keys(address), 0)
    if seen.remaining > 0:
        return Wait()
    capacity, seconds = WRONG_KEYS_OF_AN_ADDRESS
    full = seen.full_in_ms / 1000
    return Wait(max(1, math.ceil(full - (capacity - 1) * seconds)), capacity, 0, math.ceil(full))


def network_of(address: str) -> str:
    """What counts as one place: an IPv4 address, the /64 of an IPv6 one (each of its hosts can have any number)."""
    parsed = address_of(address)
    if isinstance(parsed, IPv6Address):
        return str(IPv6Network((parsed, 64), strict=False))
    return str(parsed) if parsed else address[:64]


@cache
def _wrong_keys() -> LocalBuckets:
    return LocalBuckets()


def _of_address(address: str) -> Bucket:
    return _bucket("login-address", network_of(address), LOGINS_OF_AN_ADDRESS)


def _of_name(name: str) -> Bucket:
    # No user has a longer name, and normalising can take a time that is quadratic in the length.
    alike = unicodedata.normalize("NFKC", name[:LONGEST_NAME]).casefold().strip()
    return _bucket("login-name", hashlib.sha256(alike.encode("utf-8", "replace")).hexdigest()[:32], LOGINS_OF_A_NAME)


def _of_wrong_keys(address: str) -> Bucket:
    return _bucket("wrong-key", network_of(address), WRONG_KEYS_OF_AN_ADDRESS)


def _bucket(kind: str, whose: str, limit: tuple[int, int]) -> Bucket:
    burst, seconds = limit
    return Bucket(f"{kind}:{whose}", burst, 1 / seconds)
