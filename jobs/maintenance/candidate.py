"""A process that is one candidate for a duty of its own, and for every duty of maintenance."""

from __future__ import annotations

import os
import selectors
import signal
import socket
from typing import Any, Final

from jobs.conf import Config
from jobs.logs import get_logger
from jobs.worker.health import Health
from jobs.worker.signals import Signals

from .crew import Crew, holder_name, store_opener
from .runner import Plan, Runner

log = get_logger(__name__)
END_SECONDS: Final = 2.0
TURN: Final = 5.0
STILL_SECONDS: Final = 60.0  # without a turn of a duty that is not at rest, until it counts as hanging


class Candidate:
    """Stands for maintenance too, so that delayed jobs and retries go on while every pool is at zero.

    `plan` is its own duty; with a `health_port` it tells there whether it leads that, in a metric with the text
    `about`, and is neither ready nor alive once one of its threads hangs or has ended.
    """

    def __init__(self, config: Config, plan: Plan, health_port: int | None, about: str) -> None:
        name = f"{plan.name}-{socket.gethostname()}-{os.getpid()}"
        self._about = about
        self._runner = Runner(plan, store_opener(config), holder_name(name))
        self._crew = Crew(config, name)
        self._selector = selectors.DefaultSelector()
        self._health = None
        if health_port is not None:
            self._health = Health(health_port, self._selector, self._ready, self._metrics, alive=self._is_alive)

    def run(self) -> None:
        """Work until SIGTERM or SIGINT."""
        signals = Signals((signal.SIGTERM, signal.SIGINT))
        self._selector.register(signals, selectors.EVENT_READ)
        self._runner.start()
        self._crew.start()
        log.info(f"the {self._runner.plan.name} starts")
        ending = False
        while not ending:
            for key, _ in self._selector.select(TURN):
                if key.fileobj is signals:
                    ending = bool(signals.read())
                else:
                    key.data()
            if self._health is not None:
                self._health.tidy()
        self._end()
        signals.release()

    def _end(self) -> None:
        self._runner.stop()
        self._crew.stop()
        if not (self._runner.join(END_SECONDS / 2) and self._crew.join(END_SECONDS / 2)):
            log.warning("ends without the store's answer")
        if self._health is not None:
            self._health.close()

    def _is_alive(self) -> bool:
        return max(self._runner.overdue, self._crew.overdue) < STILL_SECONDS

    def _ready(self) -> tuple[bool, dict[str, Any]]:
        return self._is_alive(), {"leads": self._runner.leads}

    def _metrics(self) -> bytes:
        name = f"queueflow_{self._runner.plan.name}_leads"
        return f"# HELP {name} {self._about}\n# TYPE {name} gauge\n{name} {int(self._runner.leads)}\n".encode()
