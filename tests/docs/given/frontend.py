"""What a page's view imports."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from jobs.access.pages import PersonRequest, needs
from jobs.api.gateway import get_gateway
from jobs.errors import StoreError
from jobs.rights import Right
from monitoring.pages import show, show_away

__all__ = [
    "HttpResponse", "PersonRequest", "Right", "StoreError", "get_gateway", "needs", "require_safe", "show", "show_away",
]  # fmt: skip
