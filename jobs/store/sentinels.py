"""The sentinels that watch a primary, and say which server that is."""

from __future__ import annotations

from typing import Any, Final

from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.sentinel import Sentinel

from jobs.conf import Config

ASK_SECONDS: Final = 0.2  # for which one sentinel is waited for before the next is asked


class Sentinels:
    """Asks them in turn: their (host, port), what they call the primary, their own password."""

    def __init__(self, addresses: tuple[tuple[str, int], ...], service: str, password: str | None = None) -> None:
        asking: dict[str, Any] = {
            "socket_timeout": ASK_SECONDS,
            "socket_connect_timeout": ASK_SECONDS,
            "retry": Retry(NoBackoff(), 0),
        }
        if password:
            asking["password"] = password
        self._service = service
        self._manager = Sentinel(list(addresses), sentinel_kwargs=asking)  # type: ignore[no-untyped-call]

    @classmethod
    def of(cls, config: Config) -> Sentinels | None:
        """Those that are configured; None without any."""
        if not config.redis_sentinels:
            return None
        return cls(config.redis_sentinels, config.redis_sentinel_name, config.redis_sentinel_password)

    def primary(self) -> tuple[str, int]:
        """Where it is now. Raises redis-py's ConnectionError where no sentinel knows."""
        host, port = self._manager.discover_master(self._service)  # type: ignore[no-untyped-call]
        return host, int(port)
