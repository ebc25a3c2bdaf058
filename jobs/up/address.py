"""Where the web process of `up` listens, and whether it answers."""

from __future__ import annotations

import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable

HOST = "127.0.0.1"
FIRST_PORT = 8000
TRIES = 50


def choose_port(wanted: int | None) -> int:
    """`wanted` if given, else the first free port from 8000 on. Raises OSError when none can be had."""
    candidates = [wanted] if wanted else range(FIRST_PORT, FIRST_PORT + TRIES)
    problem: OSError | None = None
    for port in candidates:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError as error:
                problem = error
                continue
            return port
    raise problem or OSError("no free port")


def await_web(url: str, seconds: float, given_up: Callable[[], bool]) -> bool:
    """True when the web process is live within `seconds`; false when not, or when `given_up()`."""
    deadline = time.monotonic() + seconds
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < deadline and not given_up():
        try:
            with opener.open(f"{url}/health/live", timeout=1):
                return True
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
    return False
