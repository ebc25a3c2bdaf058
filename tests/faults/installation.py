"""A whole installation of real processes on a durable server: web, a pool of two workers, a key to enqueue and read."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jobs.server.address import free_port
from tests.engine.pools import Pool
from tests.engine.stage import Stage
from tests.support.server import TestServer
from tests.web.process import WebProcess

ROOT: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Installation:
    """Its processes; `stage` looks at the server directly."""

    server: TestServer
    web: WebProcess
    pool: Pool
    stage: Stage
    key: str
    environment: Mapping[str, str]


@contextmanager
def installation(*pool: str, **settings: str) -> Iterator[Installation]:
    """One that is at work, with these arguments of the pool and environment variables besides."""
    with TestServer(durable=True) as server:
        environment = {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "REDIS_URL": server.url,
            "DATABASE_URL": f"sqlite:///{server.folder}/installation.sqlite3",
            "QUEUEFLOW_HANDLERS": "tests.engine.handlers_for_tests",
            "REAPER_SECONDS": "1",
            **settings,
        }
        manage("migrate", "--verbosity", "0", environment=environment)
        said = manage("createapikey", "faults", "--scopes", "enqueue,read", environment=environment)
        key = next(word for word in said.split() if word.startswith("qf_"))
        web = start_web(free_port(), environment)
        try:
            web.port = int(web.await_line("web listens on", 60).rpartition(":")[2])
            with Pool(server.url, "--min", "2", "--max", "2", *pool, **environment) as workers:
                workers.await_ready(2, 60)
                yield Installation(server, web, workers, Stage(server), key, environment)
        finally:
            web.close()


def start_web(port: int, environment: Mapping[str, str]) -> WebProcess:
    """A web process, which is not ready yet."""
    return WebProcess("manage.py", "web", "--bind", f"127.0.0.1:{port}", env=environment)


def manage(*words: str, environment: Mapping[str, str]) -> str:
    """What a command of manage.py prints."""
    command = [sys.executable, "manage.py", *words]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, check=True)
    return done.stdout.decode()
