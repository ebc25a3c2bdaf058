"""Scalers as processes, on a database of their own."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

from jobs.store.store import Store
from scaling.scaler import NAME
from tests.engine.pools import ROOT, Pool
from tests.support.polling import wait_until

POLICY = """
from scaling.models import ScalingPolicy
import os
fields = {"minimum": int(os.environ["LEAST"]), "maximum": 6, "interval": 1, "stabilization": 0, "cooldown_down": 1}
ScalingPolicy(pool="default", strategy="default", **fields).save()
"""


class Ground:
    """A database with a policy that decides every second; `least` is its fewest workers."""

    def __init__(self, folder: Path, url: str, least: int = 1) -> None:
        self.url = url
        database = f"sqlite:///{folder / 'scaling.sqlite3'}"
        self.environment = {"DATABASE_URL": database, "SECRET_KEY": secrets.token_urlsafe(50), "LEAST": str(least)}
        for arguments in (["migrate", "--verbosity", "0"], ["shell", "--verbosity", "0", "-c", POLICY]):
            self._manage(*arguments)

    def scaler(self, *arguments: str) -> Pool:
        """A scaler that is started by `with`."""
        return Pool(self.url, *arguments, command="scaler", **self.environment)

    def _manage(self, *arguments: str) -> None:
        settings = {"DJANGO_SETTINGS_MODULE": "tests.settings", "REDIS_URL": self.url}
        subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**os.environ, **settings, **self.environment},
            check=True,
        )


def leader(store: Store) -> int:
    """The pid of the scaler that leads; 0 while none does."""
    holder = store.keeper.leaders([NAME]).get(NAME, "")
    return int(holder.partition(".")[0].rpartition("-")[2] or 0)


def await_leader(store: Store, *but: int, seconds: float = 15.0) -> int:
    """The pid of the scaler that leads, once it is none of some."""
    return wait_until(lambda: (found := leader(store)) not in but and found, seconds)
