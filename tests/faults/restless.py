"""The part of an installation whose processes are killed at random, and come back."""

from __future__ import annotations

import random
import time
from collections import Counter
from contextlib import suppress
from typing import Final

import psutil

from jobs.server.address import free_port
from tests.engine.pools import Pool
from tests.faults.installation import Installation, manage, start_web

VICTIMS: Final = {"a worker": 8, "its pool": 1, "web": 3, "the scaler": 3}  # how often each of them
POLICY: Final = """
from scaling.models import ScalingPolicy
ScalingPolicy(pool="default", strategy="default", minimum=1, maximum=3, interval=1, stabilization=0).save()
"""


class Restless:
    """A second web process, a scaler, and the pool that it scales from one to three workers; a context.

    `look` kills somebody every `kill_seconds`, on average.
    """

    def __init__(self, ground: Installation, kill_seconds: float) -> None:
        self._kill_seconds = kill_seconds
        self.port = free_port()
        self.kills: Counter[str] = Counter()
        self._ground = ground
        self._dice = random.Random(1)

    def __enter__(self) -> Restless:
        manage("shell", "--verbosity", "0", "-c", POLICY, environment=self._ground.environment)
        self.pool, self.scaler = self._new_pool(), self._new_scaler()
        self.web = start_web(self.port, self._ground.environment)
        self.web.await_line("web listens on", 60)
        self.pool.await_ready(1, 60)
        self._due = time.monotonic() + self._kill_seconds
        return self

    def __exit__(self, *_: object) -> None:
        self.web.close()
        for each in (self.pool, self.scaler):
            each.__exit__(None, None, None)

    def look(self) -> None:
        """Kill somebody if it is time to."""
        if time.monotonic() < self._due:
            return
        self._due = time.monotonic() + self._dice.expovariate(1 / self._kill_seconds)
        [victim] = self._dice.choices(list(VICTIMS), list(VICTIMS.values()))
        self.kills[victim] += 1
        if victim == "web":
            self.web.close()
            self.web = start_web(self.port, self._ground.environment)
        elif victim == "the scaler":
            self.scaler.__exit__(None, None, None)
            self.scaler = self._new_scaler()
        elif victim == "its pool":
            self.pool.__exit__(None, None, None)
            self.pool = self._new_pool()
        elif below := self.pool.descendants():
            with suppress(psutil.NoSuchProcess):
                self._dice.choice(below).kill()

    def _new_pool(self) -> Pool:
        return Pool(self._ground.server.url, "--min", "1", "--max", "3", **self._ground.environment).start()

    def _new_scaler(self) -> Pool:
        return Pool(self._ground.server.url, command="scaler", **self._ground.environment).start()
