"""This web process's own metrics: Python, the process, HTTP and database by django-prometheus, requests with a key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import REGISTRY
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from jobs.api.access import KeyAccess, SessionAccess
from jobs.api.answered import ANSWERED
from jobs.api.endpoint import must_have
from jobs.api.gateway import get_gateway
from jobs.api.problems import problem_of, unauthorized
from jobs.circuit import BreakerState, BreakerView
from jobs.outbox import OutboxView
from jobs.rights import Right

from .metrics import OPEN, PLAIN, wants_openmetrics, written
from .outbox_words import look

_ANSWERED = "Requests with a key that were answered without Django, whose own metrics do not have them"
_STATE = "1 for the state of this process's breaker: closed lets calls through, open none, half_open a few"
_ENTRIES = "Jobs that wait in the outbox of the database until the store is back"
_BYTES = "Bytes of the requests of these jobs"
_OLDEST = "For how long the oldest of them has waited"
_REFUSED = "Jobs in the outbox that the store has refused"
_OPENED = "How often the breaker opened since the process started"


class ProcessFamilies:
    """What all libraries have registered, and what we count ourselves; the outbox as it was `seen`, if it was."""

    def __init__(self, seen: OutboxView | None = None) -> None:
        self._outbox = seen

    def collect(self) -> Iterator[Metric]:
        """The families."""
        yield from REGISTRY.collect()
        family = CounterMetricFamily("queueflow_api_answers", _ANSWERED, labels=("method", "status"))
        for (method, status), number in list(ANSWERED.items()):
            family.add_metric((method, str(status)), number)
        yield family
        yield from _of_breakers([breaker.view() for breaker in get_gateway().breakers])
        if self._outbox is not None:
            yield from _of_outbox(self._outbox)


def _of_breakers(views: Sequence[BreakerView]) -> Iterator[Metric]:
    state = GaugeMetricFamily("queueflow_breaker_state", _STATE, labels=("breaker", "state"))
    opened = CounterMetricFamily("queueflow_breaker_opened", _OPENED, labels=("breaker",))
    for view in views:
        for each in BreakerState:
            state.add_metric((view.name, each), view.state is each)
        opened.add_metric((view.name,), view.opened)
    yield state
    yield opened


def _of_outbox(seen: OutboxView) -> Iterator[Metric]:
    yield GaugeMetricFamily("queueflow_outbox_entries", _ENTRIES, seen.waiting)
    yield GaugeMetricFamily("queueflow_outbox_bytes", _BYTES, seen.size)
    yield GaugeMetricFamily("queueflow_outbox_oldest_seconds", _OLDEST, seen.oldest_ms / 1000)
    yield GaugeMetricFamily("queueflow_outbox_refused", _REFUSED, seen.refused)


@require_safe
async def show_process_metrics(request: HttpRequest) -> HttpResponse:
    """For those who may look. Needs no store, so that it tells something while there is none."""
    try:
        principal = await KeyAccess()(request) or await SessionAccess()(request)
        if principal is None:
            raise unauthorized("Log in, or give an API key as: Authorization: Bearer <key>")
        must_have(principal, Right.VIEW)
    except Exception as error:
        return problem_of(error).response()
    is_open = wants_openmetrics(request.headers.get("accept", ""))
    text = written(ProcessFamilies(await sync_to_async(look)(get_gateway().config)), is_open=is_open)
    return HttpResponse(text, content_type=OPEN if is_open else PLAIN, headers={"Cache-Control": "no-store"})
