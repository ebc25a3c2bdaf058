"""How this installation is: what probes and people ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from functools import cache
from time import monotonic
from typing import Any, Final

from django.conf import settings
from django.utils.module_loading import import_string

from jobs.inspection.status import Health, Part, overall, worst
from jobs.inspection.wire import Wire

from .health_part import HealthPart
from .health_parts import DatabaseHealth, StoreHealth

READY: Final = (StoreHealth.name, DatabaseHealth.name)  # what this process itself cannot serve without


class HealthReport(Wire, frozen=True):
    """The state of the whole and of each part."""

    status: Health
    parts: list[Part]

    @property
    def code(self) -> int:
        """The HTTP status: a degraded installation still serves."""
        return 503 if self.status == "unhealthy" else 200

    def without_details(self) -> HealthReport:
        """The states alone, for those who are not logged in."""
        return HealthReport(status=self.status, parts=[Part(name=part.name, status=part.status) for part in self.parts])


class Inspection:
    """Looks at parts, all at once. What is being looked at already is not looked at again."""

    def __init__(self, parts: Sequence[HealthPart]) -> None:
        self.parts = parts
        self._looks: dict[str, tuple[float, Future[Part]]] = {}

    async def report(self, names: Sequence[str] | None = None) -> list[Part]:
        """What is said of the parts with these names, or of all, within the longest of their deadlines."""
        wanted = [part for part in self.parts if names is None or part.name in names]
        return await asyncio.gather(*map(self._seen, wanted))

    async def _seen(self, part: HealthPart) -> Part:
        try:
            since, look = self._look(part)
            left = max(since + part.seconds - monotonic(), 0.0)
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(look)), left)
        except Exception as error:  # a part may raise anything, and the others are told all the same
            return part.broken(error)

    def _look(self, part: HealthPart) -> tuple[float, Future[Part]]:
        known = self._looks.get(part.name)
        if known is None or known[1].done():
            known = self._looks[part.name] = (monotonic(), part.start())
        return known


async def readiness() -> HealthReport:
    """Whether this web process can serve: its store and its database. Workers do not count."""
    parts = await _inspection().report(READY)
    return HealthReport(status=worst(parts), parts=parts)


async def health() -> HealthReport:
    """Everything: the parts that QUEUEFLOW_HEALTH_PARTS names."""
    inspection = _inspection()
    parts = await inspection.report()
    critical = {part.name for part in inspection.parts if part.critical}
    return HealthReport(status=overall(parts, critical), parts=parts)


def _inspection() -> Inspection:
    return _made(tuple(settings.QUEUEFLOW_HEALTH_PARTS))


@cache
def _made(paths: tuple[str, ...]) -> Inspection:
    classes: list[Any] = [import_string(path) for path in paths]
    return Inspection([made() for made in classes])
