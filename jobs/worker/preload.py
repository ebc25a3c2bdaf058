"""Loads everything once before the fork, so that workers share it; tried first in a process that may crash."""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import sys
import threading
from collections.abc import Iterable, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Final

from jobs.errors import ConfigError, QueueFlowError
from jobs.handlers.discovery import discover
from jobs.logs import get_logger
from jobs.middleware import get_chain

WARM: Final = ("asyncio", "jobs.manager", "jobs.maintenance.main", "jobs.worker.crew", "jobs.worker.spawned")
_TASKS: Final = Path("/proc/self/task")
_log = get_logger(__name__)


class _Tracer:
    """A finder that finds nothing, but tells what is being looked for."""

    def __init__(self, out: int) -> None:
        self._out = out

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        os.write(self._out, f"{name}\n".encode())
        return None


def try_imports(modules: Iterable[str]) -> None:
    """Import all handlers in a throw-away child. Raises ConfigError with one sentence when that fails or crashes."""
    reader, writer = os.pipe()
    # What a signal's handler raises while fork() runs the hooks of others is swallowed there.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    try:
        pid = os.fork()
    except BaseException:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        raise
    if pid == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.close(reader)
        _trial(writer, modules)
    os.close(writer)
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        with os.fdopen(reader, "rb") as pipe:
            lines = pipe.read().decode(errors="replace").splitlines()
    except BaseException:
        os.kill(pid, signal.SIGKILL)
        raise
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    last = lines[-1] if lines else ""
    if code == 0:
        return
    if last.startswith("{"):
        raise ConfigError(json.loads(last)["error"])
    how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
    raise ConfigError(f"handlers cannot be loaded: Python {how} while it imported {last or 'them'}")


def _trial(out: int, modules: Iterable[str]) -> None:
    code = 1
    try:
        sys.meta_path.insert(0, _Tracer(out))
        discover(modules)
        get_chain()
        code = 0
    except QueueFlowError as error:
        os.write(out, json.dumps({"error": str(error)}).encode() + b"\n")
    except SystemExit as error:
        text = f"handlers cannot be loaded: a module ended the process with exit code {error.code}"
        os.write(out, json.dumps({"error": text}).encode() + b"\n")
    finally:
        os._exit(code)


def preload(modules: Iterable[str]) -> None:
    """Import Django's apps' handlers, `modules` and all that workers need; freeze what is there for the collector."""
    from jobs.store import scripts

    discover(modules)
    get_chain()
    for name in WARM:
        importlib.import_module(name)
    for name in scripts.names():
        scripts.load(name)


def ready_to_fork() -> bool:
    """Close what children must not share, and freeze the heap. False where a fork is not safe: threads live."""
    from django.db import connections

    connections.close_all()
    if sys.platform == "darwin":
        return False
    names = _thread_names()
    if len(names) > 1:
        _log.warning(
            "the handlers' modules left threads: workers start as new programs and share no memory", threads=names
        )
        return False
    gc.collect()
    gc.freeze()
    return True


def _thread_names() -> list[str]:
    """The threads of this process; those that Python knows by the names it gave them."""
    known = {thread.native_id: thread.name for thread in threading.enumerate()}
    if not _TASKS.is_dir():
        return list(known.values())
    return [known.get(int(task.name)) or _native_name(task) for task in _TASKS.iterdir()]


def _native_name(task: Path) -> str:
    try:
        return task.joinpath("comm").read_text().strip()
    except OSError:
        return "?"
