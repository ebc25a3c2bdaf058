"""/charts.json: the data of charts, for pages that draw them."""

from __future__ import annotations

import re
from typing import Final

import msgspec
from django.http import HttpResponse, QueryDict
from django.views.decorators.http import require_safe

from jobs.access.pages import PersonRequest, needs
from jobs.api.gateway import get_gateway
from jobs.errors import ConfigError, InvalidJob, StoreError
from jobs.limits import stored_queue
from jobs.rights import Right
from jobs.store.store import Store

from .chart_kinds import chart_kind
from .history import Charts, points_since, range_of
from .pages import show_json

PARAMETERS: Final = frozenset({"names", "queue", "range", "since"})
MOST_NAMES: Final = 12


class Wanted(msgspec.Struct, frozen=True):
    """What a request asks for: `queue` None for all, `since` 0 for the whole range."""

    names: list[str]
    queue: str | None
    range: str
    since: int


@require_safe
@needs(Right.VIEW)
async def charts_json(request: PersonRequest) -> HttpResponse:
    """GET ?names=throughput,depth&queue=mail&range=1h: what `monitoring.history.Charts` describes.

    `names` (required): some of monitoring.chart_kinds.KINDS, or `workers:<pool>`. Without `queue`: of all queues.
    `range`: one of monitoring.history.RANGES, 1h by default. With `since` (s since 1970): the points from there on.
    """
    try:
        wanted = wanted_of(request.GET)
        found = await get_gateway().run(lambda store: _read(store, wanted))
    except (ValueError, InvalidJob) as error:
        return show_json(400, {"status": 400, "detail": f"{error}."})
    except (StoreError, ConfigError):
        return show_json(503, {"status": 503, "detail": "The store cannot answer now: try again in a moment."})
    return show_json(200, found)


def wanted_of(query: QueryDict) -> Wanted:
    """The checked parameters of a request. Raises ValueError with a sentence."""
    for name, values in query.lists():
        if name not in PARAMETERS:
            raise ValueError(f"there is no parameter {name[:40]!r}: give some of {', '.join(sorted(PARAMETERS))}")
        if len(values) > 1:
            raise ValueError(f"{name} is given more than once")
    names = query.get("names", "").split(",")
    if not names[0] or len(names) > MOST_NAMES or len(set(names)) < len(names):
        raise ValueError(f"names: give 1 to {MOST_NAMES} different charts, separated by commas")
    for name in names:
        chart_kind(name)
    span, since = query.get("range", "1h"), query.get("since", "0")
    range_of(span)
    if not re.fullmatch(r"[0-9]{1,11}", since):
        raise ValueError("since: give whole seconds since 1970")
    queue = query.get("queue")
    return Wanted(names, None if queue is None else stored_queue(queue, "queue"), span, int(since))


def _read(store: Store, wanted: Wanted) -> Charts:
    if wanted.queue is not None and wanted.queue not in store.reader.queue_names():
        raise ValueError(f"there is no queue {wanted.queue}")
    return points_since(store, wanted.names, wanted.queue, wanted.since, wanted.range)
