"""The server process on one set of files, ours or one that an earlier run left: seen through its lock alone."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import BinaryIO

from jobs.server import launcher, probe
from jobs.server.address import Address
from jobs.server.errors import ServerBusy, ServerNotAnswering, ServerStartFailed
from jobs.server.files import ServerFiles
from jobs.server.locks import RecordLock
from jobs.server.probe import ServerInfo
from jobs.server.record import ServerRecord

_POLL_SECONDS = 0.005


class ServerProcess:
    """Launch, await and end the one process that may hold the lock on ``files``. Callers hold the start lock."""

    def __init__(self, files: ServerFiles) -> None:
        self._files = files
        self._lock = RecordLock(files.data_lock)
        self._log_start = 0
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def holder(self) -> int | None:
        """The server's pid, None if no server is on these files; see :class:`RecordLock`."""
        return self._lock.holder

    def forget(self) -> None:
        """Close what is open for looking at the process, and reap it if it was our child and has ended."""
        self._lock.forget()
        self._reap()

    def launch(self, program: Path) -> None:
        """Turn a child in its own session into the server. Raises :class:`ServerStartFailed`."""
        self._reap()
        self._files.rotate_log()
        self._log_start = self._files.log_size()
        try:
            child, answer = self._spawn(program)
        except OSError as exc:
            raise ServerStartFailed(f"The embedded server could not be launched: {exc}") from exc
        self._child = child
        try:
            with answer:
                problem = answer.read().decode(errors="replace").strip()
        except BaseException:
            child.kill()
            child.wait()
            raise
        if problem:
            child.wait()
            raise ServerStartFailed(f"The embedded server could not be launched: {problem}")

    def await_ready(self, record: ServerRecord, silence_seconds: float) -> ServerInfo:
        """Return what the recorded server says once it has loaded its file.

        Waits for as long as loading gets on, but at most ``silence_seconds`` without an answer or progress. Raises
        :class:`ServerStartFailed` if the process ends, :class:`ServerNotAnswering` in time.
        """
        loaded = -1
        deadline = time.monotonic() + silence_seconds
        while True:
            holder = self.holder
            if holder is None:
                raise ServerStartFailed(f"The embedded server ended at its start: {self.last_words()}")
            try:
                info = self._ask(record, holder)
            except ServerNotAnswering as exc:
                state = str(exc)
            else:
                if not info.loading:
                    return info
                state = f"it is still loading, {info.loaded_bytes} bytes so far"
                if info.loaded_bytes > loaded:
                    loaded = info.loaded_bytes
                    deadline = time.monotonic() + silence_seconds
            if time.monotonic() >= deadline:
                raise ServerNotAnswering(f"The embedded server is not ready after {silence_seconds:.0f} s: {state}")
            time.sleep(_POLL_SECONDS)

    def end(self, seconds: float, address: Address | None = None) -> None:
        """End the server, if there is one: ask it to, and kill it if it has not ended after ``seconds``.

        ``address`` serves to ask a process out of sight. Raises :class:`ServerBusy` if it cannot be ended.
        """
        holder = self.holder
        if holder is None:
            return
        if holder > 0:
            for number in (signal.SIGTERM, signal.SIGKILL):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(holder, number)
                if self._ended(seconds):
                    return
        elif address is not None:
            with contextlib.suppress(ServerNotAnswering):
                probe.shutdown(address)
            if self._ended(seconds):
                return
        raise ServerBusy(f"The server on {self._files.folder} (pid {holder}) cannot be ended from here")

    def last_words(self) -> str:
        """Return the last line that the launched server logged."""
        return self._files.last_words(self._log_start)

    def _spawn(self, program: Path) -> tuple[subprocess.Popen[bytes], BinaryIO]:
        """Return the child and a file that ends when it has become the server, or has said why it cannot."""
        command = [sys.executable, "-I", "-S", launcher.__file__]
        command += map(str, (self._files.data_lock, self._files.log, program, self._files.config))
        reader, writer = os.pipe()
        answer = os.fdopen(reader, "rb")
        try:
            child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=writer, stderr=writer, start_new_session=True
            )
        except OSError:
            answer.close()
            raise
        finally:
            os.close(writer)
        return child, answer

    def _reap(self) -> None:
        if self._child is not None and self._child.poll() is not None:
            self._child = None

    def _ask(self, record: ServerRecord, holder: int) -> ServerInfo:
        info = probe.ask(record.address)
        if not record.describes(info, holder):
            raise ServerNotAnswering("another server answers at its address")
        return info

    def _ended(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.holder is not None:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_SECONDS)
        self._reap()
        return True
