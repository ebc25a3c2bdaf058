"""Dead jobs by their error, and what people think of it."""

from __future__ import annotations

from typing import Any, Final

from jobs import trail
from jobs.access.redacting import named_on_record
from jobs.api.answers import Groups
from jobs.api.bodies.filters import GroupsQuery, ReasonBody
from jobs.api.call import Call, NoBody
from jobs.api.problems import not_found
from jobs.api.query import Nothing
from jobs.inspection.groups import GroupsWanted, all_groups
from jobs.rights import Right
from jobs.store.operation import Named
from jobs.store.triage import Verdict

from .endpoints import endpoints

MOST_TYPES: Final = 20


@endpoints.get("/dlq/groups", Right.VIEW, query=GroupsQuery, answers={200: Groups})
def list_dead_groups(call: Call[NoBody, GroupsQuery]) -> Groups:
    """Group dead jobs by their error, largest group first."""
    query = call.query
    wanted = GroupsWanted(
        standings=query.status, types=query.type, fingerprints=query.fingerprint, text=query.q, skip=query.offset,
        most=query.limit, trend=query.trend,
    )  # fmt: skip
    groups = all_groups(call.store)
    page = call.dead_letters.group_page(wanted, groups)
    return Groups(items=page.lines, matching=page.matching, counts=groups.counts())


@endpoints.post("/dlq/groups/{fingerprint}/resolve", Right.RETRY, body=ReasonBody, answers={204: None})
def resolve_dead_group(call: Call[ReasonBody, Nothing], fingerprint: str) -> None:
    """Say that an error is put right.

    Jobs that die of it later make it `regressed`. Nothing happens to the jobs.
    """
    _note(call, trail.Action.DLQ_RESOLVE, fingerprint, Verdict.RESOLVED)


@endpoints.post("/dlq/groups/{fingerprint}/ignore", Right.RETRY, body=ReasonBody, answers={204: None})
def ignore_dead_group(call: Call[ReasonBody, Nothing], fingerprint: str) -> None:
    """Say that an error needs nobody's attention.

    Nothing happens to the jobs.
    """
    _note(call, trail.Action.DLQ_IGNORE, fingerprint, Verdict.IGNORED)


@endpoints.post("/dlq/groups/{fingerprint}/reopen", Right.RETRY, body=ReasonBody, answers={204: None})
def reopen_dead_group(call: Call[ReasonBody, Nothing], fingerprint: str) -> None:
    """Take back what was said of an error."""
    _note(call, trail.Action.DLQ_REOPEN, fingerprint, None)


def _note(call: Call[ReasonBody, Any], action: trail.Action, fingerprint: str, verdict: Verdict | None) -> None:
    group = call.store.reader.groups().get(fingerprint)
    if group is None and fingerprint not in call.store.triage.notes():
        raise not_found("There is no such group.")
    reason = call.body.reason
    named = [Named(fingerprint, group.summary, tuple(group.types[:MOST_TYPES]))] if group else []
    with call.recorded(action, fingerprint, reason=reason, detail=named_on_record(named)):
        call.store.triage.note(fingerprint, verdict, call.principal.name, reason)
