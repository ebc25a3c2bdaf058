"""What a person can do with one job, as data: when it makes sense, who may, what it asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
from django.http import QueryDict

from jobs.access.principal import Principal
from jobs.api.routes import jobs as routes
from jobs.inspection.detail import JobView
from jobs.rights import Right
from jobs.states import State

WAITING: Final = frozenset({"pending", "scheduled", "retrying", "blocked"})
SETTLED: Final = frozenset(state.label for state in State if state.is_settled)


class JobAction(msgspec.Struct, frozen=True, kw_only=True):
    """One action: `work` is its endpoint, `states` those in which it makes sense, `done` what is said after it.

    `takes_payload`: another payload may be given. `is_final`: it cannot be undone, so the page asks first.
    """

    verb: str
    work: Callable[..., Any]
    right: Right
    states: frozenset[str]
    label: str
    done: str
    icon: str
    takes_payload: bool = False
    is_final: bool = False

    def options_of(self, form: QueryDict) -> dict[str, Any]:
        """What a form says, as the endpoint takes it: {"body": …} or {"query": …}."""
        reason = form.get("reason", "").strip()
        if self.verb == "delete":
            query = QueryDict(mutable=True)
            query.update({"reason": reason})
            return {"query": query}
        body: dict[str, Any] = {"reason": reason}
        if self.takes_payload and "payload" in form:
            body["payload"] = msgspec.Raw(str(form["payload"]).encode())
        return {"body": body}


ACTIONS: Final = {
    action.verb: action
    for action in (
        JobAction(
            verb="retry", work=routes.retry_job, right=Right.RETRY, states=frozenset({"dead"}), label="Retry",
            done="Retried job {}.", icon="retrying", takes_payload=True,
        ),
        JobAction(
            verb="run-now", work=routes.run_job_now, right=Right.RETRY, states=frozenset({"scheduled", "retrying"}),
            label="Run now", done="Job {} is pending now.", icon="active",
        ),
        JobAction(
            verb="rerun", work=routes.rerun_job, right=Right.RETRY, states=SETTLED, label="Run again",
            done="Enqueued a new job like {}.", icon="refresh", takes_payload=True,
        ),
        JobAction(
            verb="cancel", work=routes.cancel_job, right=Right.CANCEL, states=WAITING | {"active"}, label="Cancel",
            done="Job {} is cancelled, or its worker is asked to end it.", icon="cancelled", is_final=True,
        ),
        JobAction(
            verb="delete", work=routes.delete_job, right=Right.DELETE, states=WAITING | SETTLED, label="Delete",
            done="Deleted job {}.", icon="trash", is_final=True,
        ),
    )
}  # fmt: skip


def offered(job: JobView, who: Principal) -> list[JobAction]:
    """The actions that make sense for a job now and that somebody may take. One that cannot be read can be deleted."""
    if job.status is None:
        return [action for action in (ACTIONS["delete"],) if who.may(action.right)]
    return [action for action in ACTIONS.values() if job.status in action.states and who.may(action.right)]
