"""What went before: what was observed and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

import msgspec

from .ml.model import Model
from .observation import LARGEST, Observation
from .proposal import NOTHING


class Step(msgspec.Struct, frozen=True):
    """One evaluation: what was seen, what the strategy proposed, and the workers that were decided on.

    `is_new` False: nothing was carried out, since the pool is not ours, or was to have so many workers before.
    """

    observation: Observation
    proposed: int
    decided: int
    is_new: bool = True

    @property
    def changed(self) -> bool:
        """Whether it was carried out that the pool has more or fewer workers from then on."""
        return self.is_new and self.decided != self.observation.supply

    @property
    def is_credible(self) -> bool:
        """Whether all its figures can be true."""
        return self.observation.is_credible and 0 <= self.proposed <= LARGEST and 0 <= self.decided <= LARGEST


def read_steps(packed: Iterable[bytes]) -> list[Step]:
    """The steps as they were kept, without those that cannot be read or cannot be true."""
    found = []
    for each in packed:
        with suppress(msgspec.MsgspecError, UnicodeDecodeError):
            found.append(msgspec.msgpack.decode(each, type=Step))
    return [step for step in found if step.is_credible]


class Record(msgspec.Struct, frozen=True):
    """The evaluations of the last quarter of an hour, oldest first, without the one that is due now; and the `memory`
    of the last decision. A strategy finds in it what its own last proposal asked to keep. `model` is what was trained
    for the pool; None: nothing."""

    steps: Sequence[Step] = ()
    memory: Mapping[str, float] = NOTHING
    model: Model | None = None
