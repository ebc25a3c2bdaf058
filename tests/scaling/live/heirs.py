"""Leaders that die, and who takes over."""

from __future__ import annotations

from jobs.maintenance.leadership import Leadership, Terms
from scaling.scaler import NAME, Scaler
from tests.support.jobs import StoreKit

LONG = Terms(lease=60.0)  # than any test takes, also on a machine that is busy


class DiedError(BaseException):
    """The process ends here."""


def die() -> None:
    raise DiedError


def next_stretch(kit: StoreKit, scaler: Scaler) -> None:
    kit.advance(5000)
    scaler.run_once()


def successor(kit: StoreKit) -> Scaler:
    """A scaler that takes over from one that has died."""
    kit.client.call("DEL", kit.keys.leader(NAME))
    leadership = Leadership(kit.keeper, NAME, "successor", LONG)
    assert leadership.keep()
    return Scaler(kit.store, leadership)
