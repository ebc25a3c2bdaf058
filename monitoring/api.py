"""What monitoring adds to the REST API."""

from __future__ import annotations

from typing import Final

from jobs.api.call import Call, NoBody
from jobs.api.query import Nothing
from jobs.api.reply import Text
from jobs.api.routes.endpoints import endpoints
from jobs.rights import Right

from .metrics import OPEN, PLAIN, metrics_of, wants_openmetrics, written

_EXAMPLE: Final = """\
# HELP queueflow_queue_latency_seconds Age of the oldest job that workers can claim
# TYPE queueflow_queue_latency_seconds gauge
queueflow_queue_latency_seconds{queue="mail"} 1.83
"""


class MetricsText(Text):
    """The metrics, in the text format of Prometheus or, for those who accept it, of OpenMetrics."""

    examples = {PLAIN: _EXAMPLE, OPEN: f"{_EXAMPLE}# EOF\n"}


@endpoints.get("/metrics", Right.VIEW, answers={200: MetricsText})
def get_metrics(call: Call[NoBody, Nothing]) -> MetricsText:
    """Show the metrics of the whole installation.

    Any web process answers the same: scrape one address, once. Counters begin with the installation. At most 100 job
    types and 100 queues have labels of their own; the rest is summed up as `other`.
    """
    is_open = wants_openmetrics(call.asked.headers.get("accept", ""))
    return MetricsText(written(metrics_of(call.store), is_open=is_open), OPEN if is_open else PLAIN)
