"""The pipe between a supervisor and one of its children: JSON objects, one a line, over a socket pair.

Between supervisor and worker:

    worker -> supervisor   {"ready": true}                 it claims
                           {"leaving": "max-jobs"}         it drains by itself and asks to be replaced
    supervisor -> worker   {"condemned": true}             it has been replaced and is about to be killed

Between supervisor and maintenance:

    maintenance -> supervisor   {"desired": 4}             how many workers this supervisor should run
                                {"ack": 7}                 report 7 is settled: do not send it again
                                {"alive": true}            the answer to each status: it does not stand still
                                {"ask": {...}}             where is a job: see `ask` below
    supervisor -> maintenance   {"status": {...}}          see `status` below; on every change and every second
                                {"report": 7, "lost": {...}}   a worker is gone; sent again until it is acknowledged
                                {"dump": "7f…", ...}       the answer to a question, see `ask` below
                                {"stop": true}             all workers have gone: settle what is left, then end

`status`: {"pool", "supervisor", "min", "max", "desired", "stopping", "workers": [{"worker", "incarnation", "pid",
"phase", "busy", "processed", "failed"}]}; `max` is the most workers that this supervisor may run.

`lost`: {"worker", "incarnation", "signal": 9 | null, "exit": 1 | null, "timed_out": [job], "running": [job],
"released": [job]} with job = {"id", "token", "ran_ms"}. Jobs that timed out are failed with JobTimeout, running ones
with WorkerLost, released ones go back for nothing; whatever else is active under the incarnation's tokens never
started and goes back too. A report may arrive twice.

`ask`: {"ticket", "token", "job"}, about the job that a worker has claimed with this token. The answer, once, is
{"dump": ticket, "state"} with the state "waiting" (it has not started), "gone" (it has ended), "silent" (nobody can
tell) or "running", then with "text", what faulthandler wrote of its thread (of all threads, where it is not among
them), at most 32 KiB, and "beside", how many other jobs run in that thread.

A closed link (`receive` returns None) means that the other side is gone.
"""

from __future__ import annotations

import json
import select
import socket
from typing import Any, Final

Message = dict[str, Any]
LINE_LIMIT: Final = 16 * 1024 * 1024


class Link:
    """One end. Never blocks, except in `receive` for as long as it is told to; not for two threads at once."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self._socket = end
        self._in = bytearray()
        self._out = bytearray()
        self.closed = False

    @classmethod
    def pair(cls) -> tuple[Link, Link]:
        """Both ends."""
        one, other = socket.socketpair()
        return cls(one), cls(other)

    def fileno(self) -> int:
        """For selectors: readable when `receive` has something to return."""
        return self._socket.fileno()

    def send(self, message: Message) -> None:
        """Pass a message on. What the other side does not take now waits for the next `send` or `flush`."""
        self._out += json.dumps(message, separators=(",", ":")).encode() + b"\n"
        self.flush()

    def flush(self) -> bool:
        """Send what waits. True when nothing is left, also because the other side is gone."""
        while self._out and not self.closed:
            try:
                del self._out[: self._socket.send(self._out)]
            except BlockingIOError:
                return False
            except OSError:
                self.closed = True
        return True

    def receive(self, seconds: float = 0.0) -> list[Message] | None:
        """The messages that have arrived, after waiting up to `seconds` for one; None when the other side is gone.

        Lines that are no JSON object are left out.
        """
        self.flush()
        if not self._in and seconds > 0 and not self.closed:
            poll = select.poll()
            poll.register(self._socket, select.POLLIN)
            poll.poll(seconds * 1000)
        self._read()
        *lines, rest = bytes(self._in).split(b"\n")
        self._in = bytearray(rest)
        messages = [message for line in lines if (message := _decoded(line)) is not None]
        return None if self.closed and not messages else messages

    def close(self) -> None:
        """Hang up."""
        self.closed = True
        self._socket.close()

    def _read(self) -> None:
        while not self.closed:
            try:
                part = self._socket.recv(65536)
            except BlockingIOError:
                return
            except OSError:
                part = b""
            self._in += part
            self.closed = not part or len(self._in) > LINE_LIMIT


def _decoded(line: bytes) -> Message | None:
    try:
        message = json.loads(line)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None
