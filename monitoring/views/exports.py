"""What is listed, as a file: the same filters, seen with the same eyes, sent page by page as it is read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.views.decorators.http import require_safe
from msgspec import UNSET

from jobs.access.pages import PersonRequest, needs
from jobs.api.problems import Problem, unavailable
from jobs.rights import Right
from jobs.words import figure
from monitoring.asking import ask, show_problem, words_of
from monitoring.export_form import Csv, ExportForm, Json
from monitoring.export_place import ExportPlace
from monitoring.export_sources import SOURCES, ExportSource

MOST_ROWS: Final = 100_000
MOST_BYTES: Final = 64 * 1024 * 1024  # a client that takes nothing lets them pile up in the server
PAGE: Final = 500
TRIES: Final = 30  # of one page while others search or the store is away
LONGEST_WAIT_SECONDS: Final = 5.0


@require_safe
@needs(Right.VIEW)
async def export(request: PersonRequest, what: str, form: str) -> HttpResponseBase:
    """A list as a file. Its first page is read before the answer begins, so that a refusal has its status."""
    source = SOURCES.get(what)
    if source is None or form not in ("csv", "json"):
        raise Http404
    try:
        place, reading = await _begun(request, source)
    except Problem as problem:
        if problem.status == 403:
            raise PermissionDenied(words_of(problem)) from problem
        return await show_problem(request, problem)
    written = Csv(source.columns) if form == "csv" else Json()
    name = f"{what}-{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(_Sent(reading, written, place), content_type=written.media_type, headers=headers)


async def _begun(request: PersonRequest, source: ExportSource) -> tuple[ExportPlace, _Reading]:
    """A place and the first page. Raises Problem, and keeps no place then."""
    place, reading = ExportPlace(request.principal.id), _Reading(request, source)
    try:
        await reading.step()
    except BaseException:
        place.leave()
        raise
    return place, reading


class _Sent:
    """The pieces of a file as they are read. Closed with its answer, also with one that nobody begins to send."""

    def __init__(self, reading: _Reading, form: ExportForm, place: ExportPlace) -> None:
        self._reading = reading
        self._form = form
        self._place = place

    def close(self) -> None:
        """Leave the place."""
        self._place.leave()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The pieces, in order."""
        reading, form = self._reading, self._form
        try:
            size, missing = 0, ""
            yield form.begin()
            while not missing:
                piece = form.rows(reading.items)
                size += len(piece)
                yield piece
                if reading.is_over:
                    break
                missing = _why_no_more(reading.count, size) or await reading.go_on()
            yield form.end(missing)
        finally:
            self.close()


def _why_no_more(rows: int, size: int) -> str:
    if rows >= MOST_ROWS or size >= MOST_BYTES:
        return f"cut after {figure(rows)} rows, there are more: filter by time or type to get the others"
    return ""


class _Reading:
    """Goes through a list page by page, as far as an export may."""

    def __init__(self, request: PersonRequest, source: ExportSource) -> None:
        self._request = request
        self._source = source
        self._asked = source.asked(request.GET)
        self._names = source.names(request.GET)
        self._cursor: str | None = ""
        self.items: Sequence[Any] = []
        self.count = 0

    @property
    def is_over(self) -> bool:
        """Whether there is no further page."""
        return self._cursor is None

    async def step(self) -> None:
        """Read the next page into `items`. Raises Problem."""
        query = QueryDict(mutable=True)
        for name, value in self._asked:
            query.appendlist(name, value)
        if not self._source.whole:
            query["limit"] = str(min(PAGE, MOST_ROWS - self.count))
        if self._cursor:
            query["cursor"] = self._cursor
        page = await ask(self._request, self._source.work, self._names, query=query)
        if getattr(page, "partitions_away", UNSET):
            raise unavailable("store_unavailable", "A part of the store cannot answer now, and a file has to be whole.")
        self.items = self._source.listed(page.items, self._request.GET)
        self._cursor = None if self._source.whole else page.next_cursor
        self.count += len(self.items)

    async def go_on(self) -> str:
        """Read the next page, waiting where that helps; return what is in the way for good, "" where nothing is."""
        for left in range(TRIES, 0, -1):
            try:
                await self.step()
            except Problem as problem:
                if problem.status not in (429, 503) or left == 1:
                    return f"cut after {figure(self.count)} rows: {words_of(problem)}"
                await asyncio.sleep(min(float(problem.headers.get("Retry-After", 1)), LONGEST_WAIT_SECONDS))
            else:
                return ""
        return ""
