"""How this installation is: what probes and people ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from asgiref.sync import sync_to_async
from django.db import connection

from jobs.api.gateway import get_gateway
from jobs.errors import ConfigError, StoreError
from jobs.inspection.status import Health, Part, maintenance_part, workers_part, worst
from jobs.inspection.wire import Wire
from jobs.maintenance.crew import DUTIES
from jobs.store.store import Store

DATABASE_SECONDS = 2.0


class HealthReport(Wire, frozen=True):
    """The state of the whole, which is that of its worst part, and of each part."""

    status: Health
    parts: list[Part]

    @property
    def code(self) -> int:
        """The HTTP status: a degraded installation still serves."""
        return 503 if self.status == "unhealthy" else 200

    def without_details(self) -> HealthReport:
        """The states alone, for those who are not logged in."""
        return HealthReport(status=self.status, parts=[Part(name=part.name, status=part.status) for part in self.parts])


async def readiness() -> HealthReport:
    """Whether this web process can serve: its store and its database. Workers do not count."""
    parts = [*await _store_parts(()), await database_part()]
    return HealthReport(status=worst(parts), parts=parts)


async def health() -> HealthReport:
    """Everything: store, workers, maintenance, database."""
    parts = [*await _store_parts((_workers, _maintenance)), await database_part()]
    return HealthReport(status=worst(parts), parts=parts)


async def _store_parts(looks: Sequence[Callable[[Store], Part]]) -> list[Part]:
    """The store, and what can only be seen through it."""

    def look(store: Store) -> list[Part]:
        store.browser.ping()
        return [Part(name="store", status="healthy"), *(each(store) for each in looks)]

    try:
        return await get_gateway().run(look)
    except (StoreError, ConfigError) as error:
        return [Part(name="store", status=_without_store(), detail=f"the store cannot answer: {error}")]


def _without_store() -> Health:
    """READINESS_REQUIRES_STORE=false keeps pages, and the API's own 503, reachable while the store is away."""
    try:
        return "unhealthy" if get_gateway().config.readiness_requires_store else "degraded"
    except ConfigError:
        return "unhealthy"


def _workers(store: Store) -> Part:
    return workers_part(store.registry.workers())


def _maintenance(store: Store) -> Part:
    return maintenance_part(store, DUTIES)


async def database_part() -> Part:
    """Whether the database answers."""
    try:
        await asyncio.wait_for(sync_to_async(_ask_database)(), DATABASE_SECONDS)
    except Exception as error:  # whatever its driver raises
        return Part(name="database", status="unhealthy", detail=f"the database cannot answer: {type(error).__name__}")
    return Part(name="database", status="healthy")


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
