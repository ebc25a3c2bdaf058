"""What can be allowed: rights, the roles that people have and the scopes that API keys have, as data."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from .scopes import Scope


class Right(StrEnum):
    """One thing that somebody may do. The value is the codename of the Django permission `jobs.<value>`."""

    VIEW = "view"
    ENQUEUE = "enqueue"
    SEE_PAYLOADS = "see_payloads"
    EDIT_PAYLOAD = "edit_payload"
    SEE_STACKS = "see_stacks"
    RETRY = "retry"
    CANCEL = "cancel"
    DELETE = "delete"
    PAUSE = "pause"
    PURGE = "purge"
    DRAIN = "drain"
    SCALE = "scale"
    SEE_AUDIT = "see_audit"
    ADMINISTER = "administer"


# The sentence is the name of the Django permission, as the admin shows it.
SENTENCES: Final[dict[Right, str]] = {
    Right.VIEW: "Can look at jobs, queues, workers and figures",
    Right.ENQUEUE: "Can enqueue jobs",
    Right.SEE_PAYLOADS: "Can see masked fields of payloads, results and errors",
    Right.EDIT_PAYLOAD: "Can replace a payload (needs to see payloads too)",
    Right.SEE_STACKS: "Can see the Python stack of a running job",
    Right.RETRY: "Can retry, rerun and start jobs",
    Right.CANCEL: "Can cancel jobs",
    Right.DELETE: "Can delete jobs",
    Right.PAUSE: "Can pause and resume queues and job types",
    Right.PURGE: "Can purge queues",
    Right.DRAIN: "Can drain workers",
    Right.SCALE: "Can change the number of workers",
    Right.SEE_AUDIT: "Can read the audit trail",
    Right.ADMINISTER: "Can change scaling policies and limits",
}

_OPERATING: Final = frozenset(
    {
        Right.SEE_STACKS,
        Right.RETRY,
        Right.CANCEL,
        Right.DELETE,
        Right.PAUSE,
        Right.PURGE,
        Right.DRAIN,
        Right.SCALE,
        Right.SEE_AUDIT,
    }
)
ALL: Final = frozenset(Right)

# The groups that a new installation gets. Masked fields stay masked for operators until an admin grants otherwise.
ROLES: Final[dict[str, frozenset[Right]]] = {
    "Viewer": frozenset({Right.VIEW}),
    "Operator": frozenset({Right.VIEW, Right.ENQUEUE}) | _OPERATING,
    "Admin": ALL,
}

# A key with `operate` and `payloads` may edit payloads; with one of them it may not.
SCOPES: Final[dict[Scope, frozenset[Right]]] = {
    Scope.ENQUEUE: frozenset({Right.ENQUEUE}),
    Scope.READ: frozenset({Right.VIEW}),
    Scope.OPERATE: _OPERATING | {Right.EDIT_PAYLOAD},
    Scope.PAYLOADS: frozenset({Right.SEE_PAYLOADS}),
    Scope.ADMIN: ALL,
}


def rights_of(scopes: Iterable[Scope]) -> frozenset[Right]:
    """The rights that scopes grant together."""
    return frozenset().union(*(SCOPES[scope] for scope in scopes))


def scopes_with(right: Right) -> list[Scope]:
    """The scopes that grant a right, the narrowest first."""
    return sorted((scope for scope, rights in SCOPES.items() if right in rights), key=lambda scope: len(SCOPES[scope]))
