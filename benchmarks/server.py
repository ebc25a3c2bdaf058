"""The one server that all subjects use."""

from __future__ import annotations

import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType

import redis

from benchmarks.errors import BenchmarkError

START_SECONDS = 10.0
QUIET_SECONDS = 3.0
STEADY_SECONDS = 0.5
STEADY_BYTES = 16_384  # by which reading it makes it differ
STEADY_DEADLINE_SECONDS = 30.0
POLL_SECONDS = 0.02
FLAGS = ("--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--daemonize", "no")


class Server:
    """A context: a server of our own on a free port, without persistence, so that no subject waits for a disk."""

    def __init__(self, binary: Path, folder: Path) -> None:
        self._binary = binary
        self._folder = folder
        self._port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._client = redis.Redis(port=self._port)

    @property
    def url(self) -> str:
        """Return the address for clients."""
        return f"redis://127.0.0.1:{self._port}/0"

    def __enter__(self) -> Server:
        self._start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop()

    def describe(self) -> dict[str, str]:
        """Return the server's name, version and flags."""
        info = self._client.info("server")
        name = info.get("server_name", "redis")
        return {"name": name, "version": info.get(f"{name}_version", info["redis_version"]), "flags": " ".join(FLAGS)}

    def renew(self) -> None:
        """Replace the server by an empty one at the same address, once the clients of the last subject have gone.

        An emptied server would free what the last subject left while the next one is measured.
        """
        self.wait_for_silence()
        self._stop()
        self._start()

    def wait_for_silence(self) -> None:
        """Wait a moment until no client but ours is connected: their buffers count as memory."""
        deadline = time.monotonic() + QUIET_SECONDS
        while self._client.info("clients")["connected_clients"] > 1 and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)

    def steady_memory(self) -> int:
        """Return the bytes that the server's data take, once clients have gone and they have stopped changing.

        Raises ``BenchmarkError`` if they do not stop.
        """
        self.wait_for_silence()
        deadline = time.monotonic() + STEADY_DEADLINE_SECONDS
        seen, since = self._used_memory(), time.monotonic()
        while (now := time.monotonic()) - since < STEADY_SECONDS:
            if now > deadline:
                raise BenchmarkError(f"the server's memory did not come to rest in {STEADY_DEADLINE_SECONDS:g} s")
            time.sleep(POLL_SECONDS)
            used = self._used_memory()
            if abs(used - seen) > STEADY_BYTES:
                seen, since = used, now
        return seen

    def cpu_seconds(self) -> float:
        """Return the processor time the server has used so far."""
        info = self._client.info("cpu")
        return float(info["used_cpu_user"]) + float(info["used_cpu_sys"])

    def _used_memory(self) -> int:
        return int(self._client.info("memory")["used_memory"])

    def _start(self) -> None:
        self._folder.mkdir(exist_ok=True)
        command = [str(self._binary), "--port", str(self._port), "--dir", str(self._folder), *FLAGS]
        with (self._folder / "server.log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        try:
            self._wait_until_it_answers(self._process)
        except BaseException:
            self._stop()
            raise

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self._client.ping()
                return
            except redis.ConnectionError as error:
                if process.poll() is not None or time.monotonic() > deadline:
                    log = (self._folder / "server.log").read_text(errors="replace")
                    raise BenchmarkError(f"{self._binary.name} did not start: {log[-500:]}") from error
                time.sleep(POLL_SECONDS)

    def _stop(self) -> None:
        self._client.close()
        if self._process:
            self._process.terminate()
            self._process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
