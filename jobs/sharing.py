"""How the supervisors of a pool share its workers: pure arithmetic that each of them does alone, with one result."""

from __future__ import annotations

from collections.abc import Iterable


def share(desired: int, supervisors: Iterable[tuple[str, int]], supervisor_id: str) -> int:
    """How many of `desired` workers the supervisor `supervisor_id` runs; 0 when it is not among `supervisors`.

    `supervisors` are (id, most workers it can run). Sorted by id, each takes desired div k, the first desired mod k
    one more; what is above one's most passes to the next, round and round until all are full.
    """
    return shares(desired, supervisors).get(supervisor_id, 0)


def shares(desired: int, supervisors: Iterable[tuple[str, int]]) -> dict[str, int]:
    """The share of every supervisor, by id."""
    room = {name: max(most, 0) for name, most in sorted(supervisors)}
    if not room:
        return {}
    each, more = divmod(max(desired, 0), len(room))
    taken, surplus = {}, 0
    for index, (name, most) in enumerate(room.items()):
        wanted = each + (index < more) + surplus
        taken[name] = min(wanted, most)
        surplus = wanted - taken[name]
    for name, most in room.items():  # the surplus of the last ones comes round to the first
        extra = min(surplus, most - taken[name])
        taken[name] += extra
        surplus -= extra
    return taken
