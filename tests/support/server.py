"""A real server of one test's or one test process's own, which can be killed, frozen and restarted."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import redis

from jobs.server import probe
from jobs.server.address import SOCKET_NAME, Address
from jobs.server.binary import OVERRIDE, find_server_binary
from jobs.server.config import DURABLE, Settings, listen_settings, render
from jobs.server.errors import ServerNotAnswering
from tests.support.polling import wait_until
from tests.support.ports import server_port

CHOICE = "QUEUEFLOW_TEST_SERVER"
Outage = Literal["kill", "freeze"]

_PORT_TRIES = 5
_IN_MEMORY: Settings = {"save": "86400 2000000000", "appendonly": "no"}  # never in a test, but no server without a disk


@cache
def server_program() -> Path:
    """Return the program that tests run: QUEUEFLOW_TEST_SERVER (a path, or a name on the PATH) or the bundled one."""
    chosen = os.environ.get(CHOICE)
    return find_server_binary({**os.environ, OVERRIDE: chosen} if chosen else os.environ)


class TestServer:
    """A private server: TCP on a free port or a Unix socket, in memory unless ``durable``.

    ``settings`` are directives of its configuration file, e.g. ``{"maxmemory": "8mb"}``; a change counts at the next
    start. ``program`` is another than tests usually run.
    The address stays the same over ``kill``, ``stop`` and ``restart``. Files go when it is closed.
    """

    __test__ = False  # Not a test, in spite of its name.

    def __init__(
        self,
        *,
        durable: bool = False,
        unix_socket: bool = False,
        password: str | None = None,
        settings: Settings | None = None,
        program: Path | None = None,
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="qf-test-"))
        self._durable = durable
        self._program = program or server_program()
        self.settings = dict(settings or {})
        self.environment: dict[str, str] = {}  # what its process has beside ours, at the next start
        self._process: subprocess.Popen[bytes] | None = None
        if unix_socket:
            self.address = Address(socket_path=str(self.folder / SOCKET_NAME), password=password)
        else:
            self.address = Address(port=server_port(), password=password)

    @property
    def url(self) -> str:
        """Its address as redis-py reads it."""
        return self.address.url

    @property
    def pid(self) -> int:
        """The pid of the running server."""
        assert self._process is not None, "the server is not running"
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How its process ended, -9 by SIGKILL; None while it runs."""
        return self._process.poll() if self._process else None

    def client(self, **options: Any) -> redis.Redis:
        """Return a new client with ``options`` of ``redis.Redis``."""
        return redis.Redis.from_url(self.url, **options)

    def start(self) -> Self:
        """Start it and return when it takes commands. A port that somebody took is replaced, unless it ran before."""
        first = self._process is None
        for tries_left in reversed(range(_PORT_TRIES)):
            self.launch()
            try:
                self.await_ready()
            except ServerEnded:
                if not first or not tries_left or self.address.port is None:
                    raise
                self.address = Address(port=server_port(), password=self.address.password)
            else:
                break
        return self

    def launch(self) -> None:
        """Start the process without waiting for it."""
        persistence = DURABLE if self._durable else _IN_MEMORY
        config = self.folder / "server.conf"
        fixed = {"dir": str(self.folder), "daemonize": "no"}
        config.write_bytes(render({**listen_settings(self.address), **persistence, **fixed, **self.settings}))
        with self.log.open("ab") as log:
            # In a session of its own: a test that interrupts its process group must not hit it.
            self._process = subprocess.Popen(
                [self._program, config], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                env=os.environ | self.environment,
            )  # fmt: skip

    @property
    def log(self) -> Path:
        """What the server wrote, over all its starts."""
        return self.folder / "server.log"

    def kill(self) -> None:
        """End it by SIGKILL, and return when it is gone."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it by SIGTERM, so that a durable one writes everything, and return when it is gone."""
        self._end(signal.SIGTERM)

    def restart(self) -> None:
        """Kill it if it runs, and start it again at the same address; a durable one keeps its data."""
        self.kill()
        self.start()

    def freeze(self) -> None:
        """Stop it from answering: connections stay open, replies do not come."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on after ``freeze``."""
        os.kill(self.pid, signal.SIGCONT)

    @contextlib.contextmanager
    def away(self, how: Outage) -> Iterator[None]:
        """Have it away until the block ends: its port closed by "kill", or its connections open and silent."""
        leave, come_back = (self.kill, self.start) if how == "kill" else (self.freeze, self.thaw)
        leave()
        try:
            yield
        finally:
            come_back()

    def flush(self) -> None:
        """Forget all keys."""
        with self.client() as client:
            client.flushall()

    def close(self) -> None:
        """Kill it and remove its files. Twice does nothing."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def await_ready(self) -> None:
        """Return when it takes commands, after `launch`."""
        wait_until(self._ready, 30.0)

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)
            self._process.wait(30.0)

    def _ready(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            words = self.log.read_text(errors="replace") if self.log.exists() else ""
            raise ServerEnded(f"the test server ended with {self._process.returncode}: {words[-2000:]}")
        try:
            probe.ping(self.address)
        except ServerNotAnswering:
            return False
        # A server of somebody else's may have answered on our port.
        return probe.ask(self.address).process_id == self._process.pid


class ServerEnded(RuntimeError):
    """The server ended instead of getting ready; the text has the end of its log."""


def takes_writes(server: TestServer, key: str) -> bool:
    """Whether it does now, for a key that is nobody's."""
    try:
        with server.client(socket_timeout=0.5) as client:
            client.delete(key)
    except redis.RedisError:
        return False
    return True
