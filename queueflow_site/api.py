"""The REST API: every app's router mounted on one QueueFlowAPI."""

from jobs.api.api import QueueFlowAPI
from jobs.api.mount import endpoints, mount
from monitoring import api as monitoring_api
from scaling.api import history as scaling_history
from scaling.api import keda as scaling_keda
from scaling.api import proposals as scaling_proposals
from scaling.api import routes as scaling_api
from scaling.api import simulate as scaling_simulate
from schedules.api import routes as schedules_api

__all__ = ["api", "endpoints"]
MODULES = (
    scaling_api,
    scaling_history,
    scaling_keda,
    scaling_proposals,
    scaling_simulate,
    schedules_api,
    monitoring_api,
)  # importing them declares their endpoints

api = QueueFlowAPI(title="QueueFlow", version="1.0", docs_url="/docs", openapi_url="/openapi.json")
mount(api)
