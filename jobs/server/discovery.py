"""How every other command finds the embedded server of its checkout."""

from __future__ import annotations

import logging
from pathlib import Path

from jobs.server import probe
from jobs.server.errors import ServerError
from jobs.server.files import ServerFiles
from jobs.server.locks import RecordLock
from jobs.server.record import read_record

logger = logging.getLogger(__name__)


def find_server(var_dir: Path, seconds: float = 1.0) -> str | None:
    """Return the URL of the running server of the checkout whose ``var/`` this is, or None. Never starts one.

    A server counts if a process holds the lock on its files and the one that answers at the recorded address has the
    recorded run id: neither a stale record, nor a reused pid, nor a copied checkout leads to somebody else's server.
    It may still be loading its file. Takes milliseconds; up to ``seconds`` if the server hangs.
    """
    files = ServerFiles(var_dir)
    record = read_record(files)
    if record is None:
        return None
    lock = RecordLock(files.data_lock)
    try:
        holder = lock.holder
        if holder is None or not record.describes(probe.ask(record.address, seconds), holder):
            return None
    except ServerError as exc:
        logger.debug("the server recorded in %s was not found: %s", files.record, exc)
        return None
    finally:
        lock.forget()
    return record.url
