"""Which ticks of a schedule are to be run now, and which were missed. Pure."""

from __future__ import annotations

from typing import Final, NamedTuple

from . import cron
from .counting import count_ticks, latest_ticks

GRACE_MS: Final = (
    15_000  # by which a tick may be late, as when another scheduler takes over, before it counts as missed
)
MOST_CAUGHT_UP: Final = 100
_FEW: Final = 300  # ticks that are looked at one by one


class Rule(NamedTuple):
    """When a schedule is due, and what is done about ticks that nobody saw: skip, last, all (models.Missed).

    `after_ms`: the instant up to which ticks have been decided on.
    """

    expression: str
    zone: str
    missed: str
    after_ms: int


class Due(NamedTuple):
    """What is decided at an instant: the ticks to run, oldest first, and how many others were missed.

    `missed_ms`: the latest of those. `decided_ms`: the latest tick of all, from which to go on; None where there was
    none. `next_ms`: the first tick to come, None where none does.
    """

    ticks: list[int]
    missed: int
    missed_ms: int | None
    decided_ms: int | None
    next_ms: int | None


def due(rule: Rule, now_ms: int) -> Due:
    """Decide on all ticks since `rule.after_ms` up to and with now.

    A tick that is at most 15 s late is run. Of later ones, `skip` runs none, `last` the latest where no other is run,
    `all` the latest 100; the rest is missed. Takes milliseconds however many there are. Raises BadExpression, BadZone.
    """
    expression, zone, _, after_ms = rule
    some = cron.ticks_after(expression, zone, after_ms, until_ms=now_ms, count=_FEW)
    total = len(some)
    if total == _FEW:
        most = MOST_CAUGHT_UP + GRACE_MS // 1000 + 1
        some = latest_ticks(expression, zone, after_ms, now_ms, most)
        total = count_ticks(expression, zone, after_ms, now_ms)
    in_time = [tick for tick in some if tick >= now_ms - GRACE_MS]
    late = some[: len(some) - len(in_time)]
    caught_up = _caught_up(rule.missed, late, in_time)
    left = late[: len(late) - len(caught_up)]
    decided = some[-1] if some else None
    return Due(
        ticks=[*caught_up, *in_time],
        missed=total - len(caught_up) - len(in_time),
        missed_ms=left[-1] if left else None,
        decided_ms=decided,
        next_ms=cron.next_tick(expression, zone, max(after_ms, now_ms)),
    )


def _caught_up(missed: str, late: list[int], in_time: list[int]) -> list[int]:
    """The late ticks that are run all the same: the last ones, if any."""
    if missed == "all":
        return late[-MOST_CAUGHT_UP:]
    return late[-1:] if missed == "last" and not in_time else []
