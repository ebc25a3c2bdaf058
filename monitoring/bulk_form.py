"""What a form says about many jobs: which ones are meant, what to do with them, how fast, why."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec
from django.http import QueryDict

from jobs.api.routes import dlq, operations, previews
from jobs.rights import Right
from jobs.states import State
from jobs.store.operation import Action

from . import store_clock
from .error_names import FIELDS, Names
from .given_numbers import given_number
from .moments import exact, instant_of

LISTS: Final = ("status", "type", "queue", "priority", "tag", "error")
TIMES: Final = ("createdAfter", "createdBefore", "finishedAfter", "finishedBefore")
SINGLES: Final = (*TIMES, "q")
VERBS: Final = {"retry": "Retry", "delete": "Delete", "cancel": "Cancel", "runNow": "Run now"}
RIGHTS: Final = {
    "retry": Right.RETRY,
    "delete": Right.DELETE,
    "cancel": Right.CANCEL,
    "runNow": Right.RETRY,
}
ACTIONS: Final = {"jobs": ("retry", "runNow", "cancel", "delete"), "dlq": ("retry", "delete")}
NAMES: Final = {
    "q": "text", "createdAfter": "enqueued since", "createdBefore": "enqueued before", "finishedAfter": "ended since",
    "finishedBefore": "ended before", "status": "state", "fingerprint": "error",
}  # fmt: skip


NO_NAMES: Final[Names] = {}


def actions_for(scope: str, states: Sequence[State]) -> list[str]:
    """The actions that do something to jobs of some states; no state stands for any."""
    return [each for each in ACTIONS[scope] if not states or set(states) & set(Action(each).states)]


class Criterion(NamedTuple):
    """A part of a filter in words. Of errors that are said by fingerprint: the job types they are of, and these."""

    what: str
    which: str
    types: str = ""
    prints: str = ""


class BulkForm(msgspec.Struct, frozen=True):
    """A bulk operation as a form describes it. `scope` is "jobs" or "dlq"; `filter` is that of the API."""

    scope: str
    action: str
    filter: dict[str, Any]
    key: str
    rate: str = ""
    reason: str = ""
    queue: str = ""

    @classmethod
    def read(cls, form: QueryDict) -> BulkForm | None:
        """What a form says; None where it names no action of its scope. Chosen `ids` stand above a filter."""
        scope, action = form.get("scope", "jobs"), form.get("action", "")
        if action not in ACTIONS.get(scope, ()):
            return None
        ids = list(dict.fromkeys(form.getlist("ids")))
        wanted: dict[str, Any] = {"jobIds": ids} if ids else filter_from(form)
        return cls(
            scope=scope,
            action=action,
            filter=wanted,
            key=form.get("key") or secrets.token_hex(8),
            rate=form.get("rate", "").strip(),
            reason=form.get("reason", "").strip(),
            queue=form.get("queueTo", "").strip(),
        )

    @property
    def verb(self) -> str:
        """The action as a button says it."""
        return VERBS[self.action]

    @property
    def right(self) -> Right:
        """The right that it takes."""
        return RIGHTS[self.action]

    @property
    def start(self) -> Any:
        """The endpoint that starts it."""
        return dlq.start_dead_operation if self.scope == "dlq" else operations.start_operation

    @property
    def preview(self) -> Any:
        """The endpoint that tells how many jobs it would be about."""
        return previews.preview_dead_operation if self.scope == "dlq" else previews.preview_operation

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """The fields that say the same again in the next form."""
        pairs = [("scope", self.scope), ("action", self.action), ("key", self.key)]
        for name, value in self.filter.items():
            several = value if isinstance(value, list) else [value]
            pairs += [("ids" if name == "jobIds" else name, each) for each in several]
        return pairs

    def body(self) -> dict[str, Any]:
        """What the endpoint takes. A rate that is no number goes as it is, and is refused in words."""
        made: dict[str, Any] = {"action": self.action, "filter": self.filter, "reason": self.reason}
        if not self.filter:
            made["all"] = True
        if self.rate:
            made["ratePerSecond"] = given_number(self.rate)
        if self.queue:
            made["queue"] = self.queue
        return made


def said_by(form: QueryDict) -> dict[str, Any]:
    """The filter in a query string or a form, in the API's names; empty parameters say nothing.

    Times may be such that move along with now. Of two that are given, as by a choice and a field, the last one counts.
    """
    lists = {name: [each for each in form.getlist(name) if each] for name in LISTS}
    singles = {name: ([each.strip() for each in form.getlist(name) if each.strip()] or [""])[-1] for name in SINGLES}
    singles |= {name: exact(singles[name]) for name in TIMES}
    return {name: value for name, value in {**lists, **singles}.items() if value}


def filter_from(form: QueryDict) -> dict[str, Any]:
    """The API's filter that a query string or a form means now: all of its times are exact."""
    return exactly(said_by(form))


def exactly(said: dict[str, Any]) -> dict[str, Any]:
    """A filter whose times are those that it means now."""
    now_ms = store_clock.now_ms()
    return {name: instant_of(value, now_ms) if name in TIMES else value for name, value in said.items()}


def criteria_of(wanted: dict[str, Any], names: Names = NO_NAMES) -> list[Criterion]:
    """A filter in words, in the order of the form. `names` are those of errors that it says by fingerprint."""
    return [_criterion(name, value if isinstance(value, list) else [value], names) for name, value in wanted.items()]


def _criterion(name: str, values: list[Any], names: Names) -> Criterion:
    known = [names[each] for each in values if name in FIELDS and each in names]
    which = " or ".join(names[each].error if name in FIELDS and each in names else str(each) for each in values)
    types = dict.fromkeys(each for named in known for each in named.types)
    prints = ", ".join(named.fingerprint for named in known)
    return Criterion(NAMES.get(name, name), which, ", ".join(types), prints)
