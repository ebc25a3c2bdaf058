"""A Prometheus of its own that scrapes a demonstration, both in one folder, with the configuration of deploy/."""

from __future__ import annotations

import copy
import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Self

import yaml

from docs.screenshots.installation import Demo
from jobs.server.address import free_port
from tests.support.polling import wait_until

from .files import PROMETHEUS, parsed

RELEASE: Final = "2026.11.1"
START_SECONDS: Final = 30.0


class Watched(Demo):
    """The demonstration, with a pool, a scaler and a scheduler more that tell of themselves as in a cluster."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.ports = (free_port(), free_port(), free_port())

    def __enter__(self) -> Self:
        super().__enter__()
        pool, scaler, scheduler = map(str, self.ports)
        self._start("watched", RELEASE, "workerpool", "--name", "watched", "--min", "1", "--health-port", pool)
        self._start("scaler", RELEASE, "scaler", "--health-port", scaler)
        self._start("scheduler", RELEASE, "scheduler", "--health-port", scheduler)
        return self


def adapted(demo: Watched, key: Path) -> dict[str, Any]:
    """deploy/prometheus/prometheus.yml with the addresses, the key and the rules of this machine instead."""
    configured: dict[str, Any] = copy.deepcopy(parsed(PROMETHEUS / "prometheus.yml"))
    configured["rule_files"] = [str(PROMETHEUS / "rules" / "*.yml")]
    configured["global"] = {"scrape_interval": "5s", "evaluation_interval": "5s"}
    for scraped in configured["scrape_configs"]:
        if scraped.pop("dns_sd_configs", None):
            scraped["static_configs"] = [{"targets": [f"127.0.0.1:{port}" for port in demo.ports]}]
        elif "authorization" in scraped:
            scraped["authorization"]["credentials_file"] = str(key)
            scraped["static_configs"] = [{"targets": [demo.url.removeprefix("http://")]}]
    return configured


class Prometheus:
    """Runs from `with` to its end on a free port, with this configuration."""

    def __init__(self, folder: Path, configured: dict[str, Any]) -> None:
        self._folder = folder
        self._port = free_port()
        for scraped in configured["scrape_configs"]:
            if scraped["job_name"] == "prometheus":
                scraped["static_configs"] = [{"targets": [f"127.0.0.1:{self._port}"]}]
        self.file = folder / "prometheus.yml"
        self.file.write_text(yaml.safe_dump(configured), encoding="utf-8")
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open

    def __enter__(self) -> Self:
        address = f"--web.listen-address=127.0.0.1:{self._port}"
        command = ["prometheus", f"--config.file={self.file}", f"--storage.tsdb.path={self._folder / 'data'}", address]
        with (self._folder / "prometheus.log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        with suppress(AssertionError):
            wait_until(lambda: self._is_ready() or self._process.poll() is not None, START_SECONDS, interval=0.2)
        if not self._is_ready():
            self.__exit__()
            raise SystemExit((self._folder / "prometheus.log").read_text(errors="replace")[-2000:])
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(30)

    def lasts(self, seconds: float) -> None:
        """Return when it has scraped for so long. Raises RuntimeError if it ends meanwhile."""
        with suppress(subprocess.TimeoutExpired):
            raise RuntimeError(f"Prometheus ended with {self._process.wait(seconds)}")

    def ask(self, expression: str) -> list[dict[str, Any]]:
        """The samples of a query at this instant. Raises ValueError with Prometheus' words for one that is wrong."""
        question = urllib.parse.urlencode({"query": expression})
        try:
            with self._open(f"http://127.0.0.1:{self._port}/api/v1/query?{question}", timeout=10) as answer:
                found: list[dict[str, Any]] = json.load(answer)["data"]["result"]
        except urllib.error.HTTPError as error:
            raise ValueError(json.load(error)["error"]) from error
        return found

    def _is_ready(self) -> bool:
        try:
            with self._open(f"http://127.0.0.1:{self._port}/-/ready", timeout=2):
                return True
        except OSError:
            return False
