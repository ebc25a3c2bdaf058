"""The first steps of a new process: it forgets what it has of its supervisor and becomes what it is meant to be."""

from __future__ import annotations

import gc
import os
import random
import secrets
import signal
import sys
from collections.abc import Callable
from typing import Final

from jobs.conf import get_config
from jobs.errors import QueueFlowError
from jobs.handlers.registry import registry
from jobs.logs import get_logger

from .dump import Dump
from .link import Link
from .options import PoolOptions
from .table import Table
from .worker import Worker, flush

FAILED: Final = 1
MARK: Final = "QUEUEFLOW_INCARNATION"  # in the environment of what a worker starts, so that it can be found
_log = get_logger(__name__)


def settle_in() -> None:
    """Make the process one of its own: process group, signals, random numbers."""
    os.setpgid(0, 0)
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    gc.enable()


def run_worker(options: PoolOptions, table: Table, link: Link) -> int:
    """Be a worker. Returns the exit code."""
    Dump(table).enable()  # before it has a name by which it could be asked
    table.adopt(secrets.token_hex(8))
    os.environ[MARK] = table.incarnation
    return Worker(options, get_config(), registry, table, link).run()


def run_maintenance(options: PoolOptions, link: Link) -> int:
    """Be the process that runs no jobs but keeps everything moving. Returns the exit code."""
    from jobs.maintenance.main import run

    return run(link, options, get_config())


def leave(body: Callable[[], int]) -> None:
    """Run `body` and end the process with what it returns, whatever happens; never returns."""
    code = FAILED
    try:
        code = body()
    except QueueFlowError as error:
        _log.critical("the process cannot go on", error=str(error))
    except BaseException:
        _log.critical("the process failed", exc_info=True)
    finally:
        flush()
        os._exit(code)
