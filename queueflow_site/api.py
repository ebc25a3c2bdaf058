"""The REST API: every app's router mounted on one QueueFlowAPI."""

from jobs.api.api import QueueFlowAPI
from jobs.api.mount import endpoints, mount
from monitoring import api as monitoring_api
from scaling.api import routes as scaling_api

__all__ = ["api", "endpoints"]
MODULES = (scaling_api, monitoring_api)  # importing them declares their endpoints

api = QueueFlowAPI(title="QueueFlow", version="1.0", docs_url="/docs", openapi_url="/openapi.json")
mount(api)
