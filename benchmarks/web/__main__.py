"""`python -m benchmarks.web`: POST /api/jobs and /bulk of one web process, beside the bare application."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from benchmarks.environment import ROOT
from benchmarks.server import Server
from benchmarks.web.load import Outcome, request, run
from jobs.server.binary import find_server_binary

CONNECTIONS = (1, 16)
BULK = 500
KEY_RATE = "1000000000"  # the limit is checked for each request, and never met
JOB = {"type": "noop", "payload": {"order": 4711, "text": "x" * 80}}


def main() -> None:
    """Measure, print a table."""
    options = _options()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="queueflow-web-")))
        server = stack.enter_context(Server(find_server_binary(), folder))
        environment = os.environ | _settings(server.url, folder)
        key = _prepare(environment)
        web, bare = _free_port(), _free_port()
        stack.enter_context(_process(["manage.py", "web", "--bind", f"127.0.0.1:{web}"], environment, web))
        stack.enter_context(_process(["-m", "benchmarks.web.bare", str(bare)], environment, bare))
        _compare({"queueflow": web, "bare": bare}, key, options)
        _bulk(web, key, options)


def _settings(url: str, folder: Path) -> dict[str, str]:
    return {
        "REDIS_URL": url,
        "SECRET_KEY": secrets.token_urlsafe(50),
        "QUEUEFLOW_ENV_FILE": os.devnull,
        "QUEUEFLOW_VAR_DIR": str(folder),
        "QUEUEFLOW_HANDLERS": "benchmarks.handlers",
        "ALLOWED_HOSTS": "localhost",
        "LOG_LEVEL": "WARNING",
        "DJANGO_SETTINGS_MODULE": "queueflow_site.settings",
        "PYTHONPATH": str(ROOT),
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.web", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="length of one measurement")
    return parser.parse_args()


def _compare(ports: dict[str, int], key: str, options: argparse.Namespace) -> None:
    message = request("/api/jobs", key, json.dumps(JOB).encode())
    print(f"{'POST /api/jobs':<24}{'requests/s':>12}{'p50 ms':>9}{'p99 ms':>9}{'of bare':>9}")
    for connections in CONNECTIONS:
        seen: dict[str, list[Outcome]] = {name: [] for name in ports}
        for number in range(options.rounds + 1):
            for name, port in ports.items():
                outcome = run(port, message, connections, options.seconds if number else 1.0)
                if number:  # the first one warms up
                    seen[name].append(outcome)
        bare = median(outcome.rate for outcome in seen["bare"])
        for name, outcomes in seen.items():
            rate = median(outcome.rate for outcome in outcomes)
            p50 = median(outcome.percentile(0.5) for outcome in outcomes)
            p99 = median(outcome.percentile(0.99) for outcome in outcomes)
            print(f"{name + f', {connections} conn.':<24}{rate:>12,.0f}{p50:>9.2f}{p99:>9.2f}{rate / bare:>9.2f}")


def _bulk(port: int, key: str, options: argparse.Namespace) -> None:
    message = request("/api/jobs/bulk", key, json.dumps({"jobs": [JOB] * BULK}).encode())
    for connections in (1, 4):
        rates = [run(port, message, connections, options.seconds).rate * BULK for _ in range(options.rounds)]
        print(f"POST /api/jobs/bulk of {BULK}, {connections} conn.: {median(rates):,.0f} jobs/s")


def _prepare(environment: dict[str, str]) -> str:
    def manage(*command: str) -> str:
        return subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True, text=True,
                              stdout=subprocess.PIPE).stdout  # fmt: skip

    manage("migrate", "--verbosity", "0")
    key = manage("createapikey", "benchmark", "--scopes", "enqueue").strip()
    shell = f"from jobs.models import ApiKey; ApiKey.objects.update(burst={KEY_RATE}, per_second={KEY_RATE})"
    manage("shell", "-c", shell)
    return key


@contextmanager
def _process(command: list[str], environment: dict[str, str], port: int) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_until_open(port)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _wait_until_open(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    main()
