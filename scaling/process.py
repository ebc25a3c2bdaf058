"""The process of `manage.py scaler`: one candidate for the scaler, and for every duty of maintenance."""

from __future__ import annotations

import os
import selectors
import signal
import socket
from typing import Any, Final

from jobs.conf import Config
from jobs.logs import get_logger
from jobs.maintenance.crew import Crew, holder_name, store_opener
from jobs.maintenance.runner import Plan, Runner
from jobs.worker.health import Health
from jobs.worker.signals import Signals

from .scaler import NAME, Scaler

log = get_logger(__name__)
PERIOD: Final = 5.0
END_SECONDS: Final = 2.0
TURN: Final = 5.0


class ScalerProcess:
    """Stands for maintenance too, so that delayed jobs and retries go on while every pool is at zero."""

    def __init__(self, config: Config, health_port: int | None) -> None:
        name = f"scaler-{socket.gethostname()}-{os.getpid()}"
        self._runner = Runner(Plan(NAME, PERIOD, Scaler), store_opener(config), holder_name(name))
        self._crew = Crew(config, name)
        self._selector = selectors.DefaultSelector()
        self._health = None if health_port is None else Health(health_port, self._selector, self._ready, self._metrics)

    def run(self) -> None:
        """Work until SIGTERM or SIGINT."""
        signals = Signals((signal.SIGTERM, signal.SIGINT))
        self._selector.register(signals, selectors.EVENT_READ)
        self._runner.start()
        self._crew.start()
        log.info("the scaler starts")
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

    def _ready(self) -> tuple[bool, dict[str, Any]]:
        return True, {"leads": self._runner.leads}

    def _metrics(self) -> bytes:
        leads = int(self._runner.leads)
        return (
            "# HELP queueflow_scaler_leads Whether this process decides how many workers there are\n"
            f"# TYPE queueflow_scaler_leads gauge\nqueueflow_scaler_leads {leads}\n"
        ).encode()
