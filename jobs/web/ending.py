"""The end of the web process: in steps, and by a deadline that nothing can move."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

from .drain import Drain

logger = logging.getLogger(__name__)

NOTICE_SECONDS: Final = 5.0
POLL_SECONDS: Final = 0.05
AT_ONCE_SECONDS: Final = 0.5  # for an end that is orderly even so
SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


class Ending:
    """SIGTERM or SIGINT begins the drain, a second one ends the process.

    At the signal readiness turns 503. Where a probe looks at it, requests are taken as before for `NOTICE_SECONDS` (a
    quarter of `grace` if that is less), so that a balancer sends no more before it would be refused. Then `stop_taking`
    is called once, then `busy` until it returns 0, then `end(left)`, at the latest shortly before `grace` seconds have
    passed. Should the process still be there at `grace` (a thread that does not end, a blocked event loop), it leaves
    with exit code 0 all the same.
    """

    def __init__(
        self,
        grace: float,
        *,
        stop_taking: Callable[[], None],
        busy: Callable[[], int],
        end: Callable[[int], None],
    ) -> None:
        self.drain = Drain()
        self._grace = grace
        self._stop_taking = stop_taking
        self._busy = busy
        self._end = end
        self._signalled = False
        self._taking = True
        self._notice = self._deadline = 0.0

    def watch(self, loop: Any) -> None:
        """Listen for the signals; for the main thread. `loop` is the asyncio loop that does the work."""
        for number in SIGNALS:
            loop.add_signal_handler(number, self._begin, loop)
            # The loop is woken by the number's arrival; this runs even while the loop is kept from working.
            signal.signal(number, self._arm)

    def _arm(self, number: int, frame: FrameType | None) -> None:
        _leave_in(AT_ONCE_SECONDS if self._signalled else max(self._grace, AT_ONCE_SECONDS))
        self._signalled = True

    def _begin(self, loop: Any) -> None:
        now = time.monotonic()
        if self.drain.begun:
            self._notice = self._deadline = now
            return
        self._deadline = now + self._grace - min(1.0, self._grace / 4)
        self._notice = now + (min(NOTICE_SECONDS, self._grace / 4) if self.drain.is_watched else 0.0)
        self.drain.begun = True
        self._step(loop)

    def _step(self, loop: Any) -> None:
        now = time.monotonic()
        if self._taking and now >= self._notice:
            self._taking = False
            try:
                self._stop_taking()
            except Exception:
                logger.exception("the end goes on without it")
        left = self._busy()
        if not self._taking and (left == 0 or now >= self._deadline):
            self._end(left)
        else:
            loop.call_later(POLL_SECONDS, self._step, loop)


def _leave_in(seconds: float) -> None:
    timer = threading.Timer(seconds, _leave)
    timer.daemon = True
    timer.start()


def _leave() -> None:
    logger.warning("the web process leaves without waiting any longer")
    logging.shutdown()
    os._exit(0)
