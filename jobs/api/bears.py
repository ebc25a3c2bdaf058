"""Which requests are served without a store."""

from __future__ import annotations

from enum import Enum

from jobs.conf import Config
from jobs.errors import StoreError
from jobs.outbox import is_away, puts_down


class Bears(Enum):
    """Where a function is called with an absent store while the store is away, see `Store.absent`."""

    NOWHERE = "nowhere"
    BY_OUTBOX = "by outbox"  # where that is on: it takes what the store would
    ANYWHERE = "anywhere"  # it works on the database alone

    def it(self, config: Config, failure: StoreError) -> bool:
        """Whether it is called although the store has failed so."""
        if self is Bears.BY_OUTBOX:
            return puts_down(config, failure)
        return self is Bears.ANYWHERE and is_away(failure)

    def may(self, config: Config) -> bool:
        """Whether it could be called without a store at all."""
        return self is Bears.ANYWHERE or (self is Bears.BY_OUTBOX and config.outbox)
