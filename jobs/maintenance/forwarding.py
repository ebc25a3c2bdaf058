"""The forwarder of the outbox as web processes and pools run it."""

from __future__ import annotations

from jobs.conf import Config
from jobs.manager import QueueManager
from jobs.outbox import Forwarder
from jobs.outbox.forwarder import PERIOD_SECONDS, QUIET_SECONDS

from .crew import holder_name, store_opener


def forwarder_of(config: Config, name: str) -> Forwarder:
    """This process's candidate; `name` says who it is. With the outbox off it takes care of what is left in it."""
    period = PERIOD_SECONDS if config.outbox else QUIET_SECONDS
    return Forwarder(store_opener(config), holder_name(name), QueueManager().made, period=period)
