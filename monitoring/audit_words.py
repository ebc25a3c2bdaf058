"""What entries of the audit trail say: who or what was meant, by name, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from jobs.trail import Action, AuditView, Status
from jobs.words import figure, several

from .bulk_form import criteria_of

NAMED: Final = {"user": "a user", "group": "a group", "key": "an API key", "dlq": "an error"}
PIECES: Final = {
    "retry": "a retry", "delete": "a deletion", "cancel": "a cancellation", "runNow": "an early run",
    "purge": "a purge",
}  # fmt: skip
BULK: Final = {Action.JOBS_OPERATION: "job", Action.DLQ_OPERATION: "dead job", Action.QUEUE_PURGE: "job"}
SAID_OTHERWISE: Final = ("status", "fingerprint", "jobIds")
MOST: Final = 3  # names in a sentence


class AuditLine(msgspec.Struct, frozen=True):
    """An entry with its words: `said` is what was done, `name` what it was done to, `outcome` how it ended."""

    entry: AuditView
    said: str
    name: str
    outcome: str


def line_of(entry: AuditView) -> AuditLine:
    """An entry in words. Of entries without the facts for it, the label of the action."""
    action = Action(entry.action) if entry.action in set(Action) else None
    name = str(entry.detail.get("name") or "")
    if action is None:
        return AuditLine(entry, entry.action, name, entry.status)
    said = _bulk(entry, BULK[action]) if action in BULK else _named(entry, action.label, name)
    return AuditLine(entry, said or action.label, name, _outcome(entry, is_bulk=action in BULK))


def _bulk(entry: AuditView, noun: str) -> str:
    """started a retry of 25,000 dead jobs (charge-card: PaymentDeclined); nothing where the entry does not tell."""
    piece = PIECES.get(str(entry.detail.get("action")), "")
    if not piece:
        return ""
    matched = entry.detail.get("matched")
    jobs = several(matched, noun) if isinstance(matched, int) else f"{noun}s"
    of_what = _errors(entry.detail) or _criteria(entry.detail)
    return f"started {piece} of {jobs}" + (f" ({of_what})" if of_what else "")


def _named(entry: AuditView, label: str, name: str) -> str:
    noun = NAMED.get(entry.target.kind, "")
    name = name or _errors(entry.detail)
    return label.replace(noun, f"the {noun.partition(' ')[2]} {name}") if noun and name else label


def _errors(detail: Mapping[str, Any]) -> str:
    found = [each for each in detail.get("errors", ()) if isinstance(each, dict) and each.get("error")]
    words = [f"{' and '.join(each.get('types', ())[:MOST])}: {each['error']}".removeprefix(": ") for each in found]
    return _some(words, "; ")


def _criteria(detail: Mapping[str, Any]) -> str:
    wanted = detail.get("filter")
    if not isinstance(wanted, dict):
        return ""
    chosen = "chosen one by one" if wanted.get("jobIds") else ""
    said = {name: value for name, value in wanted.items() if name not in SAID_OTHERWISE}
    return chosen or _some([f"{each.what}: {each.which}" for each in criteria_of(said)], ", ")


def _some(words: list[str], between: str) -> str:
    more = [f"{figure(len(words) - MOST)} more"] if len(words) > MOST else []
    return between.join([*words[:MOST], *more])


def _outcome(entry: AuditView, *, is_bulk: bool) -> str:
    """The status; of bulk work, which goes on after its entry was made, how that ended, `started` until it is known."""
    if not is_bulk or entry.status != Status.DONE:
        return entry.status
    return "started" if entry.count is None else str(entry.detail.get("ended") or entry.status)
