"""`python -m tests.docs.start`: what the README says under Start, from a fresh clone, as somebody new would do it.

Clones this repository, runs `make run`, reads the address and the key from what it prints, and sends the README's
request. Takes minutes, most of them for packages.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.docs.blocks import SHELLS, of_page
from tests.docs.running import WRITTEN_ADDRESS
from tests.engine.pools import ROOT

SECONDS = 900
_ADDRESS = re.compile(r"(http://127\.0\.0\.1:\d+)")
_KEY = re.compile(r"\b(qf_[\w-]+)")


def main() -> int:
    """Walk the whole way. Returns the exit code."""
    _, request = (block.text for block in of_page("README.md") if block.language in SHELLS)
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder, "queueflow")
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        began = time.monotonic()
        with subprocess.Popen(
            ["make", "run"],
            cwd=clone,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as running:
            try:
                address, key = _welcome(running, began)
                script = request.replace(WRITTEN_ADDRESS, address)
                environment = os.environ | {"QUEUEFLOW_KEY": key}
                subprocess.run(["bash", "-euc", script], env=environment, check=True)
                sys.stdout.write(f"\nfrom clone to first job: {time.monotonic() - began:.0f} s\n")
            finally:
                os.killpg(running.pid, signal.SIGINT)
    return 0


def _welcome(running: subprocess.Popen[str], began: float) -> tuple[str, str]:
    """The address and the key that it prints. Raises RuntimeError where it ends before, or takes too long."""
    assert running.stdout is not None
    said = ""
    for line in running.stdout:
        said += line
        address, key = _ADDRESS.search(said), _KEY.search(said)
        if address and key:
            return address[1], key[1]
        if time.monotonic() - began > SECONDS:
            break
    raise RuntimeError(said)


if __name__ == "__main__":
    sys.exit(main())
