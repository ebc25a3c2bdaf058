"""SQLite files shared by many workers at once."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

BUSY_TIMEOUT_SECONDS = 20.0


@contextmanager
def transaction(path: Path, schema: Sequence[str]) -> Iterator[sqlite3.Connection]:
    """Open the file, make sure of its tables and run the block as one transaction.

    ``schema`` are idempotent statements (``CREATE TABLE IF NOT EXISTS …``). The block is committed when it ends and
    rolled back when anything is raised, an interrupt included.

    Raises sqlite3.OperationalError when the file stays locked for ``BUSY_TIMEOUT_SECONDS``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None)
    try:
        # IMMEDIATE waits for its turn; a transaction that starts by reading may be refused at its first write.
        connection.execute("BEGIN IMMEDIATE")
        for statement in schema:
            connection.execute(statement)
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    finally:
        connection.close()
