"""The REST API: every app's router mounted on one NinjaAPI."""

from ninja import NinjaAPI

api = NinjaAPI(title="QueueFlow", version="1.0", docs_url="/docs", openapi_url="/openapi.json")
