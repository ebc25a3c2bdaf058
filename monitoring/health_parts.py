"""The parts of the health report that every installation has."""

from __future__ import annotations

from concurrent.futures import Future

from django.db import connection
from msgspec.structs import replace

from jobs.api.bears import Bears
from jobs.api.gateway import Lane, get_gateway
from jobs.errors import ConfigError, StoreError
from jobs.inspection.status import Health, Part, maintenance_part, store_part, workers_part
from jobs.maintenance.crew import DUTIES
from jobs.store.store import Store

from .breaker_words import of_breakers
from .health_part import HealthPart, StorePart
from .outbox_words import accepting, look, part_of


class StoreHealth(StorePart):
    """Whether the store takes a write."""

    name = "store"
    critical = True

    def start(self) -> Future[Part]:
        """Begin to look, also where there is no store to be found while the outbox is on."""
        return get_gateway().start(self.look_at, Lane.HEALTH, bears=Bears.BY_OUTBOX)

    def look_at(self, store: Store) -> Part:
        """Write one key, which goes by itself. While the outbox takes jobs in its place, the store may be away."""
        try:
            part = store_part(store)
        except StoreError as error:
            part = self.broken(error)
        if words := of_breakers():
            part = replace(part, detail=f"{part.detail}; {words}" if part.detail else words)
        config = store.config
        if part.status == "unhealthy" and (words := accepting(config, look(config))):
            return Part(name=self.name, status="degraded", detail=f"{part.detail}; {words}")
        return part

    def broken(self, error: Exception) -> Part:
        """READINESS_REQUIRES_STORE=false keeps pages, and the API's own 503, reachable while the store is away."""
        return Part(
            name=self.name, status=_without_store(), detail=f"the store cannot answer: {str(error) or 'it is too slow'}"
        )


class WorkersHealth(StorePart):
    """Whether anybody works."""

    name = "workers"
    critical = True

    def look_at(self, store: Store) -> Part:
        """Read the heartbeats."""
        return workers_part(store.registry.workers(), store.registry.desired())


class MaintenanceHealth(StorePart):
    """Whether somebody leads each duty."""

    name = "maintenance"

    def look_at(self, store: Store) -> Part:
        """Read who leads."""
        return maintenance_part(store, DUTIES)


class OutboxHealth(HealthPart):
    """Whether jobs wait in the outbox for long, or for good."""

    name = "outbox"

    def look(self) -> Part:
        """Count them."""
        config = get_gateway().config
        return part_of(config, look(config))


class DatabaseHealth(HealthPart):
    """Whether the database answers."""

    name = "database"

    def look(self) -> Part:
        """Ask it for nothing, over a connection of its own."""
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
                cursor.fetchone()
        finally:
            connection.close()
        return Part(name=self.name, status="healthy")

    def broken(self, error: Exception) -> Part:
        """Pages and credentials need it; workers do not."""
        detail = f"the database cannot answer: {type(error).__name__}"
        return Part(name=self.name, status="unhealthy", detail=detail)


def _without_store() -> Health:
    try:
        return "unhealthy" if get_gateway().config.readiness_requires_store else "degraded"
    except ConfigError:
        return "unhealthy"
