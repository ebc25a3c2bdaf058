"""The engine in the Django admin: API keys, people and their groups, the audit trail."""

from . import audit_trail, keys, people  # noqa: F401 - registration is the effect that is wanted
