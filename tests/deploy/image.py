"""The image and its containers without an engine: bubblewrap gives each process what a container has.

A file system that cannot be written but for /tmp, processes of its own, no rights, and the user of the image. What is
not as in a container: all share the network of this machine, so that each process listens on a port of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Final

import psutil

from .dockerfile import environment, last_stage, let_in
from .installations import ROOT

VENV: Final = ROOT / ".venv-image"  # `make check-deploy` makes it from requirements/image.lock
SYSTEM: Final = ("/lib", "/lib32", "/lib64", "/bin", "/sbin")


class Image:
    """Built as the Dockerfile does it, in a folder; with a module of handlers as somebody's own image has."""

    def __init__(self, folder: Path, handlers: Path) -> None:
        self._app, self._var = folder / "app", folder / "var"
        self._app.mkdir()
        for name in let_in() - {"requirements/image.lock"}:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, self._app / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, self._app / name)
        for name in json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]:
            shutil.copytree(ROOT / "node_modules" / name, self._app / "node_modules" / name)
        built = {"SECRET_KEY": "build", "QUEUEFLOW_VAR_DIR": str(self._var), "QUEUEFLOW_ENV_FILE": os.devnull}
        self._run("manage.py", "collectstatic", "--noinput", "--verbosity", "0", env=built)
        shutil.copy(handlers, self._app / handlers.name)
        self._run("-m", "compileall", "-q", str(self._app), env={})

    def _run(self, *words: str, env: Mapping[str, str]) -> None:
        subprocess.run(
            [VENV / "bin" / "python", *words], cwd=self._app, env={"PATH": os.environ["PATH"], **env}, check=True
        )

    def command(self, name: str, arguments: Sequence[str]) -> list[str]:
        """What starts a container of a name, as bubblewrap reads it."""
        user, group = last_stage()["USER"].split(":")
        python = str(Path((VENV / "bin" / "python").resolve().parents[1]))
        return [
            "bwrap", "--die-with-parent", "--as-pid-1", "--unshare-user", "--unshare-pid", "--unshare-uts",
            "--unshare-ipc", "--uid", user, "--gid", group, "--hostname", name,
            "--ro-bind", "/usr", "/usr", *_system(), "--ro-bind", "/etc", "/etc", "--ro-bind-try", python, python,
            "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp",
            "--ro-bind", str(self._app), "/app", "--ro-bind", str(VENV), "/opt/venv", *self._half_of_kubernetes(),
            "--ro-bind", str(self._var / "static"), "/var/lib/queueflow/static", "--remount-ro", "/",
            "--chdir", "/app", "--", "python", "manage.py", *arguments,
        ]  # fmt: skip

    def _half_of_kubernetes(self) -> list[str]:
        """What the Dockerfile removes is not there."""
        found = next(VENV.glob("lib/python*/site-packages/kubernetes/aio"))
        return ["--tmpfs", f"/opt/venv/{found.relative_to(VENV)}"]

    def start(self, name: str, arguments: Sequence[str], env: Mapping[str, str], log: IO[bytes]) -> Container:
        """Start a container with exactly this environment beside that of the image."""
        path = environment()["PATH"].replace("$PATH", "/usr/local/bin:/usr/bin:/bin")
        whole = environment() | {"PATH": path} | dict(env)
        return Container(subprocess.Popen(self.command(name, arguments), env=whole, stdout=log, stderr=log))

    def run(self, name: str, arguments: Sequence[str], env: Mapping[str, str], log: Path) -> tuple[int, str]:
        """A container that ends by itself: its exit code, and what it said."""
        with log.open("wb") as file:
            code = self.start(name, arguments, env, file).process.wait(180)
        return code, log.read_text(encoding="utf-8", errors="replace")


class Container:
    """One that runs; signals go to the process inside."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    @property
    def tree(self) -> list[psutil.Process]:
        """The processes inside, the first of them first."""
        return psutil.Process(self.process.pid).children(recursive=True)

    @property
    def memory(self) -> int:
        """Bytes of all its processes, what they share counted once for all."""
        return sum(each.memory_full_info().pss for each in self.tree)

    def terminate(self) -> None:
        """SIGTERM, as an orchestrator sends it."""
        if inside := self.tree:
            inside[0].send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL, and return when it has gone."""
        self.process.kill()
        self.process.wait(30)


def missing() -> list[str]:
    """What this machine lacks to do this, in words."""
    found = [] if sys.platform == "linux" else ["Linux"]
    found += [] if shutil.which("bwrap") else ["bwrap (Debian: bubblewrap)"]
    return found + ([] if VENV.exists() else [f"{VENV.name} (make check-deploy makes it)"])


def _system() -> list[str]:
    """Programs and libraries, as links into /usr where they are such."""
    words: list[str] = []
    for name in SYSTEM:
        path = Path(name)
        if path.is_symlink():
            words += ["--symlink", str(path.readlink()), name]
        elif path.exists():
            words += ["--ro-bind", name, name]
    return words
