"""Why the state of a job forbids what somebody asked for, and what to do instead, in words."""

from __future__ import annotations

from typing import Final

_ONLY: Final = {
    "retry": "Only a dead job can be retried.",
    "cancel": "Only a job that waits or runs can be cancelled.",
    "run now": "Only a job that is scheduled or waits for its next attempt can be started now.",
    "rerun": "Only a job that is over can be run again as a new one.",
    "delete": "A job that runs cannot be deleted.",
    "inspect": "Only a job that runs has a stack.",
}
_OVER: Final = {
    "retry": "Run it again as a new job instead.",
    "run now": "Run it again as a new job instead.",
    "cancel": "It is over: delete it if it should be gone.",
    "inspect": "Its result, error and log are on its page.",
}
_INSTEAD: Final = {
    ("retry", "pending"): "It is in its queue and starts as soon as a worker is free.",
    ("retry", "active"): "Wait until it has ended; if it fails for good, it can be retried then.",
    ("retry", "scheduled"): "Run it now if it should not wait for its time.",
    ("retry", "retrying"): "It is tried again by itself; run it now if it should not wait.",
    ("cancel", "dead"): _OVER["cancel"],
    ("run now", "pending"): "It is in its queue and starts as soon as a worker is free.",
    ("run now", "active"): "It runs already.",
    ("run now", "dead"): "Retry it instead.",
    ("rerun", "active"): "Wait until it has ended, or cancel it first.",
    ("delete", "active"): "Cancel it first, or wait until it has ended.",
    ("inspect", "pending"): "It has not started.",
    ("inspect", "dead"): "Its errors with their tracebacks are on its page.",
}


def advice(verb: str, state: str) -> str:
    """What to tell somebody who wanted to `verb` a job in a `state` (its word on the wire) that forbids it."""
    otherwise = _OVER.get(verb, "") if state in ("completed", "cancelled") else ""
    instead = _INSTEAD.get((verb, state), otherwise)
    return " ".join(part for part in (f"The job is {state}.", _ONLY.get(verb, ""), instead) if part)
