"""What a page says of an operation beyond its own figures: how long it still takes, what became of retried jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec
from django.urls import reverse
from django.utils.http import urlencode

from jobs.api.answers import OperationView
from jobs.clock import to_instant_ms

LISTED: Final = ("type", "queue", "priority", "tag")  # what a filter says of jobs in any state
MOST_TYPES: Final = 3  # that are named one by one


class Aftermath(msgspec.Struct, frozen=True):
    """What became of jobs since a retry began, and the addresses of those that it is about; None where unknown."""

    died: int | None
    of_what: str
    died_at: str
    completed: int | None
    types: str
    completed_at: str
    watched_at: str


def aftermath_of(found: OperationView) -> Aftermath | None:
    """What is known of a retry that has begun to act; None for everything else."""
    if found.action != "retry" or not found.started_at or not (found.done or found.finished_at):
        return None
    wanted, since = found.filter, {"finishedAfter": found.started_at}
    types = list(wanted.get("type", ())) or sorted({each for named in found.errors for each in named.types})
    prints = wanted.get("fingerprint", [])
    of_any_state = {name: wanted[name] for name in LISTED if name in wanted} | ({"type": types} if types else {})
    return Aftermath(
        died=found.died_since,
        of_what=_of_what(prints, types),
        died_at=_address("dead-jobs", _of_dead(wanted) | since),
        completed=found.completed_since,
        types=" and ".join(types) if len(types) <= MOST_TYPES else f"{len(types)} types",
        completed_at=_address("jobs", {"status": "completed", "type": types} | since),
        watched_at=_address("jobs", of_any_state | since),
    )


def left_ms(found: OperationView, now_ms: int) -> int | None:
    """How long it still takes at the pace that it has had, at most its rate; None where that cannot be told."""
    breadth = found.filter.get("jobIdCount") or found.total
    if found.status != "running" or not breadth or not found.started_at:
        return None
    acted = found.done + found.failed
    lasted = now_ms - to_instant_ms(datetime.fromisoformat(found.started_at))
    paces = [acted * 1000 / lasted] if acted and lasted > 0 else []
    paces += [found.rate_per_second] if found.rate_per_second else []
    return round(max(0, breadth - acted) * 1000 / min(paces)) if paces else None


def _of_what(prints: list[str], types: list[str]) -> str:
    if prints:
        return "again of this error" if len(prints) == 1 else "again of these errors"
    return f"of {' and '.join(types)}" if types and len(types) <= MOST_TYPES else "in all"


def _of_dead(wanted: dict[str, Any]) -> dict[str, Any]:
    kept = {name: wanted[name] for name in (*LISTED, "error", "q") if name in wanted}
    return kept | ({"error": wanted["fingerprint"]} if "fingerprint" in wanted else {})


def _address(name: str, wanted: dict[str, Any]) -> str:
    return f"{reverse(name)}?{urlencode(wanted, doseq=True)}"
