"""A PostgreSQL server of one rehearsal's own."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from jobs.server.address import free_port

PLACES: Final = "/usr/lib/postgresql"  # where Debian has its programs, which are not on the PATH


def program(name: str) -> str | None:
    """The path of one of its programs, of the newest version, if it is here."""
    found = sorted(Path(PLACES).glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    return str(found[-1]) if found else shutil.which(name)


class Postgres:
    """Listens on a free port of this machine, and asks for a password; `url` has it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "postgres"
        self._port = free_port()
        self._password = secrets.token_hex(16)
        # It refuses to run as root.
        self._user = pwd.getpwnam("postgres").pw_uid if os.geteuid() == 0 else None

    @property
    def url(self) -> str:
        """As DATABASE_URL has it."""
        return f"postgres://queueflow:{self._password}@127.0.0.1:{self._port}/postgres"

    def __enter__(self) -> Self:
        self._folder.mkdir()
        secret = self._folder.with_name("postgres.password")
        secret.write_text(self._password, encoding="ascii")
        for path in (self._folder, secret):
            if self._user is not None:
                shutil.chown(path, self._user)
        self._run("initdb", "--auth=scram-sha-256", "--username=queueflow", f"--pwfile={secret}")
        options = f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        self._run("pg_ctl", "start", "--wait", f"--log={self._folder}/log", f"--options={options}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run("pg_ctl", "stop", "--mode=immediate")

    def _run(self, name: str, *options: str) -> None:
        command = [str(program(name)), *options, f"--pgdata={self._folder}"]
        with Path(f"{self._folder}.log").open("ab") as log:
            subprocess.run(command, user=self._user, check=True, stdout=log, stderr=log, cwd="/")
