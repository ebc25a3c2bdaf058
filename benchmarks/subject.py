"""A subject seen from the side that measures: everything it does, it does in processes of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks import environment
from benchmarks.errors import BenchmarkError
from benchmarks.feed import NO_OPS, Mix
from benchmarks.shape import Shape
from benchmarks.work import Kind
from benchmarks.workers import Workers

# Nothing else of the developer's environment reaches a subject: a setting left in a shell would be measured too.
INHERITED = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")


class Subject:
    """One of the queues under test, by the name of its module in ``benchmarks.peers``.

    ``folder`` is where its processes run and write their logs; ``variables`` are added to their environment. ``root``
    is the checkout whose code runs, and ``module`` the peer where the subject has another name than that.
    """

    def __init__(
        self, name: str, folder: Path, variables: Mapping[str, str], root: Path = environment.ROOT, module: str = ""
    ) -> None:
        self.name = name
        self._module = module or name
        self._folder = folder
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        self._environment = {**inherited, "PYTHONPATH": str(root), "PYTHONWARNINGS": "ignore", **variables}
        self._layouts: dict[Shape, dict[str, Any]] = {}

    @cached_property
    def about(self) -> dict[str, Any]:
        """Return versions, kinds of handlers, means of bulk enqueue and a sentence on how it is configured."""
        return self._ask("describe")

    @property
    def kinds(self) -> list[Kind]:
        """Return the kinds of handlers it runs, its native one first."""
        return [Kind(kind) for kind in self.about["kinds"]]

    @property
    def has_bulk(self) -> bool:
        """Return whether it can send many jobs at once."""
        return bool(self.about["bulk"])

    def slots(self, shape: Shape) -> int:
        """Return how many jobs workers of that shape run at once."""
        return int(self._layout(shape)["slots"])

    def commands(self) -> dict[str, list[str]]:
        """Return what was started so far, as text, by kind of handlers, processes and slots in each."""
        return {
            f"{shape.kind}, {shape.processes} × {shape.slots or 'default'}": [
                _shown(command, layout["environment"]) for command in layout["commands"]
            ]
            for shape, layout in self._layouts.items()
        }

    def workers(self, shape: Shape) -> Workers:
        """Return workers of that shape, not yet started."""
        layout = self._layout(shape)
        variables = {**self._environment, **layout["environment"]}
        return Workers(layout["commands"], variables, self._folder, self._folder / "workers.log")

    def feed(self, kind: Kind, count: int, *, mix: Mix = NO_OPS, gap: float = 0.0, batch: int = 0) -> float:
        """Enqueue ``count`` jobs, return jobs a second; ``gap`` in seconds, ``batch`` 0 sends them one by one."""
        options = ["--kind", kind.value, "--count", str(count), "--mix", str(mix), "--gap", str(gap)]
        return float(self._ask("feed", *options, "--batch", str(batch))["rate"])

    def _layout(self, shape: Shape) -> dict[str, Any]:
        if shape not in self._layouts:
            size = ["--processes", str(shape.processes)] + (["--slots", str(shape.slots)] if shape.slots else [])
            self._layouts[shape] = self._ask("layout", "--kind", shape.kind.value, *size)
        return self._layouts[shape]

    def _ask(self, *arguments: str) -> dict[str, Any]:
        command = [str(environment.python(self._module)), "-m", "benchmarks.agent", self._module, *arguments]
        ran = subprocess.run(
            command,
            env=self._environment,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode:
            raise BenchmarkError(f"{self.name}: {arguments[0]} failed: {(ran.stderr or ran.stdout).strip()[-1500:]}")
        answer: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
        return answer


def _shown(command: list[str], variables: Mapping[str, str]) -> str:
    """Return the command line without this machine's paths and addresses."""
    words = [*(f"{name}={value}" for name, value in variables.items() if not _local(value)), *command]
    return " ".join(Path(word).name if word.startswith("/") else "URL" if _local(word) else word for word in words)


def _local(word: str) -> bool:
    return word.startswith(("/", "redis://"))
