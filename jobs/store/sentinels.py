"""The sentinels that watch a primary, and say which server that is."""

from __future__ import annotations

from redis.sentinel import Sentinel

from jobs.conf import Config

from .placed import ASK_SECONDS, options


class Sentinels:
    """Asks them in turn: their (host, port), what they call the primary, their own password."""

    def __init__(self, addresses: tuple[tuple[str, int], ...], service: str, password: str | None = None) -> None:
        self._service = service
        self._manager = Sentinel(  # type: ignore[no-untyped-call]
            list(addresses), sentinel_kwargs=options(ASK_SECONDS, password)
        )

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
