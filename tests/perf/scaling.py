"""Scaling on this machine, for real. Run by hand, while nothing else runs; it takes some five minutes:

    python -m tests.perf.scaling [growth] [burst] [saturated]

growth: from a change of the desired count to all workers claiming, and the memory of each further worker. burst: 5,000
jobs of 50 ms from idle, by the policy. saturated: a dependency that fails and slows down above 20 calls at once, until
it is mended. Ends with 1 when something is over budget.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Final

import django

NAMES: Final = ("growth", "burst", "saturated")


def main() -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.perf.scaling", description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(NAMES)}; all when left out")
    wanted = parser.parse_args().parts or NAMES
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    held = [_holds(name) for name in wanted]
    sys.exit(0 if all(held) else 1)


def _holds(name: str) -> bool:
    """Measure one part on a store of its own, and say what came of it."""
    from jobs.conf import Config
    from tests.perf.scaling_parts import PARTS
    from tests.support.jobs import store_kit
    from tests.support.server import TestServer

    holds = True
    with tempfile.TemporaryDirectory() as folder, TestServer() as server:
        os.environ["QUEUEFLOW_VAR_DIR"] = folder
        with store_kit(server.url, Config()) as kit:
            for figure in PARTS[name](kit, Path(folder)):
                print(figure.line, flush=True)
                holds = holds and figure.holds
    return holds


if __name__ == "__main__":
    main()
