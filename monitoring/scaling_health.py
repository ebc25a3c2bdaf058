"""The part of the health report that is about scaling."""

from __future__ import annotations

from jobs.inspection.status import Part
from jobs.store.store import Store
from scaling.health import scaling_part

from .health_part import StorePart


class ScalingHealth(StorePart):
    """Whether somebody decides how many workers there are, and pools follow."""

    name = "scaling"

    def look_at(self, store: Store) -> Part:
        """Compare what was decided with what there is."""
        return scaling_part(store)
