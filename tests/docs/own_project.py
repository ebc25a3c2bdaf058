"""A Django project as docs/own-project.md has one made, with the packages that an installation of ours brings."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.docs import shell
from tests.docs.blocks import BLOCKS, PYTHON, SHELLS, Block
from tests.engine.pools import ROOT

PAGE = "own-project.md"
NAME = "shop"
PARTS = [block for block in BLOCKS if block.page == PAGE and block.of_a_project]


def installed() -> list[Path]:
    """The packages that pyproject.toml puts into a wheel."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = config["tool"]["setuptools"]["packages"]["find"]["include"]
    return sorted(path for pattern in patterns for path in ROOT.glob(pattern) if (path / "__init__.py").is_file())


class OwnProject:
    """A project in a folder, on the store of `environment`. Of the checkout it finds nothing but the packages."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._packages = folder / "site-packages"
        self._packages.mkdir()
        for package in installed():
            (self._packages / package.name).symlink_to(package)
        self._folder = folder / NAME
        self._folder.mkdir()
        self._environment = {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONPATH": str(self._packages),
            "REDIS_URL": environment["REDIS_URL"],
        }
        self._run(sys.executable, "-m", "django", "startproject", NAME, ".")
        for block in PARTS:
            self._write(block)

    def _write(self, block: Block) -> None:
        path = self._folder / block.words["project"]
        if path.suffix != ".py":
            return
        if not path.exists():  # an app
            path.parent.mkdir()
            (path.parent / "__init__.py").touch()
            with (self._folder / NAME / "settings.py").open("a", encoding="utf-8") as settings:
                settings.write(f"INSTALLED_APPS += ['{path.parent.name}']\n")
        with path.open("a", encoding="utf-8") as file:
            file.write(f"\n{block.text}")

    def run_scripts(self) -> str:
        """Run the commands that end by themselves. Returns what they wrote."""
        scripts = [block.text for block in PARTS if block.language in SHELLS and "until" not in block.words]
        return "".join(self._run(*shell.BASH, script) for script in scripts)

    @contextmanager
    def pool(self) -> Iterator[None]:
        """The one that goes on, while the code of the with statement runs."""
        [block] = [block for block in PARTS if "until" in block.words]
        with subprocess.Popen(
            ["bash", "-c", f"exec {block.text.strip()}"], cwd=self._folder, env=self._environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        ) as process:  # fmt: skip
            assert process.stdout is not None
            written = ""
            for line in process.stdout:
                written += line
                if block.words["until"] in line:
                    break
            else:
                raise AssertionError(written)
            try:
                yield
            finally:
                process.terminate()
                process.communicate(timeout=60)
        assert process.returncode == 0

    def enqueue(self) -> str:
        """Run the page's Python beside the project, and return the id of the job that it made."""
        [block] = [block for block in PARTS if block.words["project"] == NAME and block.language == PYTHON]
        return self._run(sys.executable, "manage.py", "shell", "-c", f"{block.text}\nprint(job.id)").split()[-1]

    def manage(self, *arguments: str) -> str:
        """What one of its commands writes."""
        return self._run(sys.executable, "manage.py", *arguments)

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            command, cwd=self._folder, env=self._environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout
