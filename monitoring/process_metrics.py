"""This web process's own metrics: Python, the process, HTTP and database by django-prometheus, requests with a key."""

from __future__ import annotations

from collections.abc import Iterator

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
from jobs.rights import Right

from .metrics import OPEN, PLAIN, wants_openmetrics, written

_ANSWERED = "Requests with a key that were answered without Django, whose own metrics do not have them"
_STATE = "1 for the state of this process's breaker: closed lets calls through, open none, half_open a few"
_OPENED = "How often the breaker opened since the process started"


class ProcessFamilies:
    """What all libraries have registered, and what we count ourselves."""

    def collect(self) -> Iterator[Metric]:
        """The families."""
        yield from REGISTRY.collect()
        family = CounterMetricFamily("queueflow_api_answers", _ANSWERED, labels=("method", "status"))
        for (method, status), number in list(ANSWERED.items()):
            family.add_metric((method, str(status)), number)
        yield family
        yield from _of_breaker(get_gateway().breaker.view())


def _of_breaker(view: BreakerView) -> Iterator[Metric]:
    state = GaugeMetricFamily("queueflow_breaker_state", _STATE, labels=("breaker", "state"))
    for each in BreakerState:
        state.add_metric((view.name, each), view.state is each)
    yield state
    opened = CounterMetricFamily("queueflow_breaker_opened", _OPENED, labels=("breaker",))
    opened.add_metric((view.name,), view.opened)
    yield opened


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
    text = written(ProcessFamilies(), is_open=is_open)
    return HttpResponse(text, content_type=OPEN if is_open else PLAIN, headers={"Cache-Control": "no-store"})
