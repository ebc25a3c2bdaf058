"""A process that does with the embedded server what `up` does: ``python -m tests.server.starter VAR [tcp]``.

Prints one JSON line when the server is ready. Ends it and prints another line at the end of standard input or at
Ctrl-C, after a last use of the server, as workers make one when they drain.
"""

import json
import sys
from pathlib import Path

from jobs.server import EmbeddedServer, probe
from jobs.server.files import ServerFiles
from jobs.server.record import read_record


def main(var_dir: Path, unix_socket: bool) -> None:
    server = EmbeddedServer(var_dir, unix_socket=unix_socket)
    url = server.start()
    record = read_record(ServerFiles(var_dir))
    assert record is not None
    try:
        # Inside, since the reader may interrupt as soon as it has the line.
        say({"url": url, "pid": record.pid, "run_id": record.run_id, "adopted": server.adopted})
        sys.stdin.read()
    except KeyboardInterrupt:
        probe.ping(record.address)
    say({"drained": True, "ended": server.stop()})


def say(what: dict[str, object]) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), unix_socket="tcp" not in sys.argv[2:])
