"""A decision as the journal tells of it."""

from __future__ import annotations

from typing import Final

import msgspec

from jobs.words import storable

from .deciding import BARRED
from .decision import Decision
from .models import ScalingPolicy
from .observation import Observation

LONGEST_REASON: Final = 4000


class Entry(msgspec.Struct, frozen=True):
    """What was seen and decided for the stretch of time that began at `stretch` (s since 1970).

    It is kept in the store together with the decision until the database has it, so that whoever takes over can tell
    of what a leader decided who died before it could. `dry_run`: nothing was to be carried out.
    """

    stretch: int
    seen: Observation
    decision: Decision
    dry_run: bool = False

    @classmethod
    def of(cls, policy: ScalingPolicy, seen: Observation, decision: Decision, stretch: int) -> Entry:
        """The entry about a decision by a policy."""
        plain = msgspec.structs.replace(decision, memory={}, reason=storable(decision.reason)[:LONGEST_REASON])
        return cls(stretch, seen, plain, not policy.is_ours or decision.guard == BARRED)
