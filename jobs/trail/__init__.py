"""The audit trail: who did what, when, from where, why, to how many, and how it ended.

People and the API say audit trail; code says trail, as `jobs.audit` is what proves the store's order.

Around an action that changes something outside the Django database, on any plain thread::

    from jobs import trail

    actor = trail.Actor(principal.id, principal.name, address)
    with trail.entry(actor=actor, action=trail.Action.JOB_RETRY, target=job_id, reason=reason) as entry:
        Steering(store).retry(job_id)
        entry.count = 1

    with trail.entry(actor=actor, action=trail.Action.DLQ_OPERATION, reason=reason, detail=filter.wire()) as entry:
        operation = store.operations.open(…)
        entry.operation_id = operation.id  # its count stays None: `count_operations` writes it when it is over

The intent is committed before the block runs. If that does not work within two seconds, TrailUnavailable is raised,
which the API answers with 503, and nothing is done. What the block raises marks the entry failed and goes on up.
Check rights and the form of a request first: what is refused there needs no entry. No payload belongs into `reason`
or `detail`.

Beside a change of the Django database itself, in its transaction::

    with transaction.atomic():
        key.revoke()
        trail.note(actor=trail.person(request.user, address), action=trail.Action.KEY_REVOKE, target=str(key.pk))

A bulk operation goes on after the block: `count_operations(store)` completes its entry when it is over.

To read: `trail.Trail().page(trail.TrailFilter(actors=("key:7",)), limit=50, cursor="")`, an AuditPage.

Enqueues leave no entry, nor do refused logins: anybody could fill the database with them.
"""

from jobs.models import Action, AuditEntry, Status

from .actor import Actor, person, shell
from .counting import count_operations
from .entries import Entry, entry, note
from .errors import TrailUnavailable
from .reading import Trail, TrailFilter
from .reruns import reruns_of
from .scribe import scribe
from .view import AuditPage, AuditTarget, AuditView

__all__ = [
    "Action",
    "Actor",
    "AuditEntry",
    "AuditPage",
    "AuditTarget",
    "AuditView",
    "Entry",
    "Status",
    "Trail",
    "TrailFilter",
    "TrailUnavailable",
    "count_operations",
    "entry",
    "note",
    "person",
    "reruns_of",
    "scribe",
    "shell",
]
