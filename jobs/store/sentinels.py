"""The sentinels that watch a primary, and say which server that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import redis
from redis.exceptions import AuthorizationError, NoPermissionError
from redis.sentinel import MasterNotFoundError

from jobs.conf import Config

from .placed import ASK_SECONDS, options

_REFUSALS: Final = (redis.AuthenticationError, AuthorizationError, NoPermissionError)


class Sentinels:
    """Asks them in turn, the one first that knew the last time: their (host, port), what they call the primary.

    `own` are options of a client: their own user, password and TLS.
    """

    def __init__(self, addresses: Sequence[tuple[str, int]], service: str, own: dict[str, Any]) -> None:
        self._service = service
        self._clients: dict[str, redis.Redis] = {
            f"{host}:{port}": redis.Redis(host, port, **(options(ASK_SECONDS) | own)) for host, port in addresses
        }
        self._first = next(iter(self._clients))

    @classmethod
    def of(cls, config: Config) -> Sentinels | None:
        """Those that are configured; None without any."""
        if not config.redis_sentinels:
            return None
        own: dict[str, Any] = {
            "username": config.redis_sentinel_username,
            "password": config.redis_sentinel_password,
            "ssl": config.redis_sentinel_ssl,
        }
        if config.redis_sentinel_ssl:
            own["ssl_ca_certs"] = config.redis_sentinel_ssl_ca_certs
            own["ssl_certfile"] = config.redis_sentinel_ssl_certfile
            own["ssl_keyfile"] = config.redis_sentinel_ssl_keyfile
        return cls(config.redis_sentinels, config.redis_sentinel_name, own)

    def primary(self) -> tuple[str, int]:
        """Where it is now. Where no sentinel says, raises redis-py's error of one that refuses us, else ConnectionError
        with what each said."""
        failures: dict[str, redis.RedisError] = {}
        for name in sorted(self._clients, key=lambda name: name != self._first):
            try:
                masters: Any = self._clients[name].sentinel_masters()
            except redis.RedisError as error:
                failures[name] = error
                continue
            state = masters.get(self._service)
            if state and state["is_master"] and not state["is_sdown"] and not state["is_odown"]:
                self._first = name
                return str(state["ip"]), int(state["port"])
        for name, failure in failures.items():
            if isinstance(failure, _REFUSALS):
                raise type(failure)(f"sentinel {name}: {failure}") from failure
        said = "; ".join(f"{name}: {failure}" for name, failure in failures.items())
        words = f"no sentinel knows a primary {self._service!r}{f': {said}' if said else ''}"
        raise MasterNotFoundError(words) from next(iter(failures.values()), None)
