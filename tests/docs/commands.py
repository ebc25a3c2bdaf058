"""`manage.py` without the second that each start takes: a process with Django loaded that forks for each command.

`python -m tests.docs.commands SOCKET` serves; `client(SOCKET)` is the text of the program that stands on the PATH of
documented commands. The command runs with the caller's arguments, folder, environment, and its own three files.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from pathlib import Path

_CLIENT = """#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({path!r})
    said = json.dumps([sys.argv, os.getcwd(), dict(os.environ)]).encode()
    socket.send_fds(server, [b"%10d" % len(said)], [0, 1, 2])
    server.sendall(said)
    sys.exit(int(server.recv(10) or b"1"))
"""


def client(path: Path) -> str:
    """The text of a program that has its command run by the server at `path`."""
    return _CLIENT.format(python=sys.executable, path=str(path))


def serve(path: Path) -> None:
    """Take commands until the process is ended."""
    import django

    django.setup()
    from django.core.management import get_commands, load_command_class

    for name in ("dlq", "enqueue", "handlers", "jobs", "queues", "workers", "audit", "createapikey"):
        load_command_class(get_commands()[name], name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        while True:
            connection, _ = listener.accept()
            if not os.fork():
                listener.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _answer(connection)
            connection.close()


def _answer(connection: socket.socket) -> None:
    """In the first child: have a second one run the command, and say how it ended."""
    length, files, _, _ = socket.recv_fds(connection, 10, 3)
    said = b""
    while len(said) < int(length):
        said += connection.recv(65_536)
    pid = os.fork()
    if not pid:
        for number, file in enumerate(files):
            os.dup2(file, number)
        _run(*json.loads(said))
    _, status = os.waitpid(pid, 0)
    connection.sendall(b"%d" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def _run(arguments: list[str], folder: str, environment: dict[str, str]) -> None:
    from django.core.management import execute_from_command_line

    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    code = 0
    try:
        execute_from_command_line(arguments)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
