"""What the engine keeps in the Django database: API keys, permissions, the audit trail, the outbox.

All other jobs live in the store.
"""

from .access import Access
from .api_key import DEFAULT_BURST, DEFAULT_PER_SECOND, ApiKey, check_scopes, key_hash
from .audit_entry import Action, AppendOnly, AuditEntry, Status
from .outbox_entry import OutboxEntry
from .outbox_lease import OutboxLease

__all__ = [
    "DEFAULT_BURST",
    "DEFAULT_PER_SECOND",
    "Access",
    "Action",
    "ApiKey",
    "AppendOnly",
    "AuditEntry",
    "OutboxEntry",
    "OutboxLease",
    "Status",
    "check_scopes",
    "key_hash",
]
