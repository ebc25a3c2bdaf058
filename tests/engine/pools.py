"""Real pools and workers as processes, and a store to look at what they did."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from jobs.states import State
from jobs.store.reader import StoredJob
from jobs.store.store import Store
from tests.support.polling import wait_until

ROOT = Path(__file__).resolve().parents[2]
_numbers = itertools.count(1)
HANDLERS = "tests.engine.handlers_for_tests"


class Pool:
    """`manage.py workerpool` (or `worker`) on a server, with the test handlers. Killed with its children on exit."""

    __test__ = False

    def __init__(self, url: str, *arguments: str, command: str = "workerpool", **environment: str) -> None:
        self.arguments = arguments
        self.command = command
        self.environment = {"REDIS_URL": url, "QUEUEFLOW_HANDLERS": HANDLERS, "REAPER_SECONDS": "1", **environment}
        self._process: subprocess.Popen[bytes] | None = None
        self._log = Path(os.environ["QUEUEFLOW_VAR_DIR"]) / f"pool-{os.getpid()}-{next(_numbers)}.log"

    def start(self) -> Self:
        """Start it and return at once."""
        settings = {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONUNBUFFERED": "1", "LOG_FORMAT": "json"}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", self.command, *self.arguments],
                cwd=ROOT,
                env={**os.environ, **settings, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    @property
    def pid(self) -> int:
        """The supervisor's pid."""
        assert self._process is not None
        return self._process.pid

    @property
    def output(self) -> str:
        """Everything it has logged."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def misses_the_store(self) -> bool:
        """Whether a worker has said that the store is away."""
        threads = ['"who": "main"', '"who": "claimer"', '"who": "settler"']
        lines = [line for line in self.output.splitlines() if '"the store is away"' in line]
        return any(thread in line for line in lines for thread in threads)

    def signal(self, number: signal.Signals) -> None:
        """Send the supervisor a signal."""
        os.kill(self.pid, number)

    def wait(self, seconds: float = 30.0) -> int:
        """Wait for its end and return the exit code."""
        assert self._process is not None
        return self._process.wait(seconds)

    def await_ready(self, workers: int, seconds: float = 20.0) -> Self:
        """Return when it has said that so many workers claim."""
        text = f'"workers": {workers},'

        def ready() -> bool:
            assert self._process is not None
            assert self._process.poll() is None, self.output[-4000:]
            return any('"all workers claim"' in line and text in line for line in self.output.splitlines())

        wait_until(ready, seconds)
        return self

    def descendants(self) -> list[psutil.Process]:
        """All processes below the supervisor."""
        try:
            return psutil.Process(self.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        below = self.descendants()
        for process in (self._process, *below):
            if process is not None:
                with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
                    process.kill()
        assert self._process is not None
        self._process.wait(10)


def await_state(store: Store, job_id: str, *states: State, seconds: float = 15.0) -> StoredJob:
    """Return the job once it is in one of the states."""

    def reached() -> StoredJob | None:
        job = store.reader.job(job_id)
        return job if job.record is not None and job.record.state in states else None

    try:
        found = wait_until(reached, seconds)
    except AssertionError as error:
        raise AssertionError(f"not {states}: {store.reader.job(job_id)}") from error
    assert found is not None
    return found
