"""Brings the engine's endpoints into an API."""

from __future__ import annotations

from .api import QueueFlowAPI
from .routes import dlq, enqueue, jobs, operations, queues, workers
from .routes.endpoints import endpoints

# Importing them declares their endpoints; addresses of fixed words come before those with an id.
MODULES = (enqueue, operations, jobs, dlq, queues, workers)


def mount(api: QueueFlowAPI) -> None:
    """Add the endpoints and the schemas they use."""
    api.add_router("", endpoints.router)
    api.declare(*endpoints.kinds)
