"""Brings the engine's endpoints into an API."""

from __future__ import annotations

from .api import QueueFlowAPI
from .routes import audit, dlq, enqueue, groups, jobs, operations, outbox, previews, queues, types, workers
from .routes.endpoints import endpoints

MODULES = (
    audit,
    dlq,
    enqueue,
    groups,
    jobs,
    operations,
    outbox,
    previews,
    queues,
    types,
    workers,
)  # importing them declares their endpoints

LAST = "\uffff"
__all__ = ["endpoints", "mount"]


def mount(api: QueueFlowAPI) -> None:
    """Add the endpoints and the schemas they use. The first address that fits counts, so fixed words go before ids."""
    by_address = sorted(endpoints.router.path_operations.items(), key=lambda entry: entry[0].replace("{", LAST))
    endpoints.router.path_operations = dict(by_address)
    api.add_router("", endpoints.router)
    api.declare(*endpoints.kinds)
