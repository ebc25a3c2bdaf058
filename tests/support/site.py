"""An installation of a test's own: a database beside a store, and commands that work on both."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

from tests.engine.pools import ROOT, Pool


class Site:
    """A migrated database in a folder, and what else is in the `environment` of its processes."""

    def __init__(self, folder: Path, url: str, **environment: str) -> None:
        self.url = url
        self.database = folder / "site.sqlite3"
        self.environment = {
            "DATABASE_URL": f"sqlite:///{self.database}",
            "SECRET_KEY": secrets.token_urlsafe(50),
            **environment,
        }
        self.manage("migrate", "--verbosity", "0")

    def process(self, command: str, *arguments: str) -> Pool:
        """A process of `manage.py` that is started by `with`."""
        return Pool(self.url, *arguments, command=command, **self.environment)

    def shell(self, code: str) -> str:
        """What code prints that runs in its Django."""
        return self.manage("shell", "--verbosity", "0", "-c", code)

    def manage(self, *arguments: str) -> str:
        """What a command prints, which ends well."""
        settings = {"DJANGO_SETTINGS_MODULE": "tests.settings", "REDIS_URL": self.url}
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**os.environ, **settings, **self.environment},
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout


def pid_of(holder: str) -> int:
    """The pid of the process that leads by such a name; 0 where there is none."""
    return int(holder.partition(".")[0].rpartition("-")[2] or 0)
