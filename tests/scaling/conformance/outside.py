"""A strategy of somebody else: a distribution with an entry point, as an installer leaves it in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Final

NAME: Final = "proportional"
MODULE: Final = '''
"""Ten waiting jobs a worker."""

import math

from scaling.proposal import Proposal
from scaling.strategies.strategy import Parameter


class Proportional:
    """As many workers as the jobs that wait divided by a number."""

    name = "proportional"
    title = "Proportional"
    about = "One worker for so many jobs that wait."
    parameters = {"jobs": Parameter(10.0, 1.0, 1000.0, "Waiting jobs a worker.")}

    def decide(self, observation, record, policy):
        jobs = policy.parameters.get("jobs", 10.0)
        workers = min(math.ceil(observation.waiting / jobs), 100_000)
        return Proposal(workers, f"{observation.waiting} jobs wait, {jobs:g} a worker: {workers} needed.")
'''


def install(folder: Path) -> None:
    """Put the package and its metadata into a folder that is to be on the path."""
    package = folder / "proportional_scaling"
    package.mkdir()
    (package / "__init__.py").write_text(MODULE)
    metadata = folder / "proportional_scaling-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: proportional-scaling\nVersion: 1.0\n")
    (metadata / "RECORD").write_text("proportional_scaling/__init__.py,,\n")
    (metadata / "entry_points.txt").write_text(
        "[queueflow.scaling_strategies]\nproportional = proportional_scaling:Proportional\n"
    )
