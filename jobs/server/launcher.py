"""Become the server: run as a script, in a session of its own, by :class:`jobs.server.process.ServerProcess`.

``launcher.py DATA_LOCK LOG PROGRAM CONFIG`` takes the record lock on DATA_LOCK and turns into ``PROGRAM CONFIG``,
which keeps the lock until it ends. Prints why and exits with 1 if that cannot be done; otherwise standard output is
closed in silence. Imports nothing of ours: it runs without the project's path.
"""

import fcntl
import os
import sys

IN_USE = "the files are in use by another server"


def become_server(data_lock: str, log: str, program: str, config: str) -> None:
    """Take the lock and replace this process. Raises ``OSError`` or never returns."""
    os.umask(0o077)
    descriptor = os.open(data_lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError) as exc:  # POSIX leaves the choice to the system.
        raise OSError(IN_USE) from exc
    # The lock lives as long as this descriptor stays open, which nobody but the kernel closes.
    os.set_inheritable(descriptor, True)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    answer = os.dup(1)  # Closed by a successful exec.
    os.dup2(output, 1)
    os.dup2(output, 2)
    try:
        os.execv(program, [program, config])  # noqa: S606 - a shell would stand between the lock and the server
    except OSError:
        os.dup2(answer, 1)
        raise


if __name__ == "__main__":
    try:
        become_server(*sys.argv[1:])
    except OSError as exc:
        print(exc)
        sys.exit(1)
