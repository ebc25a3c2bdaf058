"""The server that comes with QueueFlow: started or adopted by `up`, one for the files of a checkout."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from jobs.server.address import Address, choose_port, choose_socket
from jobs.server.binary import find_server_binary
from jobs.server.config import Settings, embedded_settings, render
from jobs.server.errors import ServerError, ServerStartFailed
from jobs.server.files import ServerFiles, unusable, write_private
from jobs.server.launcher import IN_USE
from jobs.server.locks import FileLock
from jobs.server.process import ServerProcess
from jobs.server.record import ServerRecord, read_record, remove_record, write_record

logger = logging.getLogger(__name__)

_TURN_SECONDS = 120.0
_LAUNCH_TRIES = 5
# Somebody took the port since it was looked for, or the child of a killed starter took the lock.
_WORTH_ANOTHER_TRY = ("failed listening on port", IN_USE)


class EmbeddedServer:
    """A durable server on the files under ``var_dir``, in its own session.

    It outlives its starter's death, and then the next start adopts it if it answers or replaces it if it does not.
    Several processes may start it at once: they share one, and the last to stop ends it.

    ``unix_socket=False`` listens on a loopback port with a generated password instead. ``program`` replaces the
    binary that is found, ``settings`` adds directives to its configuration. ``silence_seconds`` bounds how long a
    server may neither answer nor get on with loading, ``stop_seconds`` how long it may take to end.
    """

    def __init__(
        self,
        var_dir: Path,
        *,
        unix_socket: bool = True,
        program: Path | None = None,
        settings: Settings | None = None,
        silence_seconds: float = 10.0,
        stop_seconds: float = 10.0,
    ) -> None:
        self._files = ServerFiles(var_dir)
        self._unix_socket = unix_socket
        self._program = program
        self._settings = settings or {}
        self._silence_seconds = silence_seconds
        self._stop_seconds = stop_seconds
        self._process = ServerProcess(self._files)
        self._users = FileLock(self._files.users_lock)
        self._record: ServerRecord | None = None
        self._holder: int | None = None
        self.adopted = False  # Whether the last start found a server that was running.

    @property
    def url(self) -> str:
        """Where it listens, as redis-py reads it. Raises :class:`ServerError` before ``start``."""
        if self._record is None:
            raise ServerError("The embedded server has not been started")
        return self._record.url

    @property
    def running(self) -> bool:
        """Whether the process that was started or adopted is alive. Costs microseconds and asks the kernel only."""
        return self._holder is not None and self._process.holder == self._holder

    def start(self) -> str:
        """Start the server or adopt the running one, and return its URL when it is ready for commands.

        Raises a :class:`ServerError` with one sentence: no usable program, unusable files, a failed start, or a
        server of these files that neither answers nor can be ended.
        """
        self._files.prepare()
        with self._turn():
            joined = self._users.held or self._users.try_acquire(shared=True)
            if not joined:
                raise ServerError(f"{self._files.users_lock} is locked by something that is not QueueFlow")
            try:
                adopted = self._adopt()
                self.adopted = adopted is not None
                self._record = adopted or self._replace()
                self._holder = self._process.holder
            except BaseException:
                self._users.release()
                raise
        logger.info("%s the embedded server, pid %d", "adopted" if self.adopted else "started", self._record.pid)
        return self._record.url

    def ensure(self) -> bool:
        """Start the server again if it has died, at its old address where that is free; return whether it had."""
        if self.running:
            return False
        self.start()
        return True

    def stop(self) -> bool:
        """End the server unless another process still uses it; return whether it was ended. Twice does nothing."""
        if not self._users.held:
            return False
        self._files.prepare()  # Somebody may have deleted the folder under a running server.
        with self._turn():
            last = self._users.try_acquire()
            if last:
                self._end()
            self._users.release()
        self._process.forget()
        self._record = self._holder = None
        return last

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        """Be the only one who starts, adopts or stops."""
        lock = FileLock(self._files.start_lock)
        lock.acquire(_TURN_SECONDS, f"Another process is starting or stopping the server in {self._files.folder}")
        try:
            yield
        finally:
            lock.release()

    def _adopt(self) -> ServerRecord | None:
        """Return the record of the server that is on our files if it answers, else None."""
        holder = self._process.holder
        record = read_record(self._files)
        if holder is None:
            return None
        if record is None:
            logger.warning("the server on %s (pid %d) has no record: it is replaced", self._files.folder, holder)
            return None
        try:
            record = record.completed(self._process.await_ready(record, self._silence_seconds))
        except ServerError as exc:
            logger.warning("the server on %s (pid %d) is replaced: %s", self._files.folder, holder, exc)
            return None
        write_record(self._files, record)
        return record

    def _replace(self) -> ServerRecord:
        """End what is on our files, and launch anew; again if somebody took our port or lock in between."""
        program = self._program or find_server_binary()
        previous = self._recorded_address()
        self._process.end(self._stop_seconds, previous)
        for tries_left in reversed(range(_LAUNCH_TRIES)):
            address = self._choose_address(previous)
            try:
                return self._launch(program, address)
            except ServerStartFailed as exc:
                if not tries_left or not any(words in str(exc).lower() for words in _WORTH_ANOTHER_TRY):
                    raise
                previous = None
        raise AssertionError("unreachable")

    def _choose_address(self, previous: Address | None) -> Address:
        chosen = choose_socket(self._files.folder, previous) if self._unix_socket else None
        if previous is not None and chosen != previous:
            previous.discard(self._files.folder)
        return chosen or choose_port(previous)

    def _launch(self, program: Path, address: Address) -> ServerRecord:
        # The record comes first, so that a server whose starter is killed right after the launch can be adopted.
        record = ServerRecord(address)
        try:
            settings = {**embedded_settings(self._files.folder, address), **self._settings}
            write_private(self._files.config, render(settings))
        except OSError as exc:
            raise unusable(self._files.config, exc) from exc
        write_record(self._files, record)
        try:
            self._process.launch(program)
            record = record.completed(self._process.await_ready(record, self._silence_seconds))
            write_record(self._files, record)
        except BaseException:
            self._end(address)
            raise
        return record

    def _end(self, address: Address | None = None) -> None:
        """End the server and remove what points at it."""
        address = address or self._recorded_address()
        self._process.end(self._stop_seconds, address)
        remove_record(self._files)
        if address is not None:
            address.discard(self._files.folder)

    def _recorded_address(self) -> Address | None:
        record = read_record(self._files)
        return None if record is None else record.address
