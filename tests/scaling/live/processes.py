"""Scalers as processes, on a database of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from jobs.store.store import Store
from scaling.scaler import NAME
from tests.engine.pools import Pool
from tests.support.polling import wait_until
from tests.support.site import Site, pid_of

FIELDS: Final = {
    "strategy": "default", "minimum": 1, "maximum": 6, "interval": 1, "stabilization": 0, "cooldown_down": 1,
}  # fmt: skip
POLICY: Final = """
import json, os
from scaling.models import ScalingPolicy
ScalingPolicy(pool="default", **json.loads(os.environ["POLICY_FIELDS"])).save()
"""
BARE: Final = """
from scaling.models import ScalingPolicy
ScalingPolicy.objects.all().delete()
"""
DECISIONS: Final = """
import json
from scaling.models import ScalingDecision
rows = ScalingDecision.objects.order_by("id").values_list("at", "last_at", "target", "guard", "reason")
print(json.dumps([(at.timestamp(), last.timestamp(), *rest) for at, last, *rest in rows]))
"""


class Ground(Site):
    """A database with a policy that decides every second; `fields` are those of it that are not as usual."""

    def __init__(self, folder: Path, url: str, **fields: Any) -> None:
        super().__init__(folder, url, POLICY_FIELDS=json.dumps(FIELDS | fields))
        self.shell(POLICY)

    def without_policy(self) -> Ground:
        """Take the policy away."""
        self.shell(BARE)
        return self

    def scaler(self, *arguments: str) -> Pool:
        """A scaler that is started by `with`."""
        return self.process("scaler", *arguments)

    def decisions(self) -> list[tuple[float, float, int, str, str]]:
        """First and last instant (s since 1970), target, guard and reason of each decision, oldest first."""
        return [(*each,) for each in json.loads(self.shell(DECISIONS))]


def leader(store: Store) -> int:
    """The pid of the scaler that leads; 0 while none does."""
    return pid_of(store.keeper.leaders([NAME]).get(NAME, ""))


def await_leader(store: Store, *but: int, seconds: float = 15.0) -> int:
    """The pid of the scaler that leads, once it is none of some."""
    return wait_until(lambda: (found := leader(store)) not in but and found, seconds)
