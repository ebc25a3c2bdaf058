"""`python -m tests.load [--hard]` (`make load`): load on an installation that runs, as on one of `make run`.

The exit code is 0 when every limit was kept, 1 when one was missed, 2 when nothing could be measured.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
FOUND_NOTHING: Final = 2


def main() -> int:
    """Find the installation and the key, then let Locust run."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="where it answers (%(default)s)")
    parser.add_argument("--hard", action="store_true", help="enqueues of all kinds, bulk and lists, up to 300 a second")
    parser.add_argument("--faster", type=float, default=1.0, help="make each phase so many times shorter")
    options = parser.parse_args()
    key = os.environ.get("QUEUEFLOW_KEY") or kept_key()
    problem = "there is no key: set QUEUEFLOW_KEY, or start `make run`" if not key else trouble(options.url, key)
    if problem:
        print(f"Nothing was measured: {problem}", file=sys.stderr)
        return FOUND_NOTHING
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "QUEUEFLOW_LOAD_KEY": key,
        "QUEUEFLOW_LOAD_PLAN": "hard" if options.hard else "enqueues",
        "QUEUEFLOW_LOAD_FASTER": str(options.faster),
    }
    command = ["-m", "locust", "--locustfile", str(ROOT / "tests/load/locustfile.py"), "--host", options.url]
    quiet = ["--headless", "--only-summary", "--skip-log-setup", "--stop-timeout", "5"]
    return subprocess.call([sys.executable, *command, *quiet], env=environment)


def kept_key() -> str:
    """The key that `make run` keeps, empty where it never ran here."""
    path = Path(os.environ.get("QUEUEFLOW_VAR_DIR", ROOT / "var")) / "api_key"
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""


def trouble(url: str, key: str) -> str:
    """Why an installation cannot be measured, empty when it answers."""
    request = urllib.request.Request(f"{url}/api/types", headers={"Authorization": f"Bearer {key}"})
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
            known = b'"update-analytics"' in answer.read()
    except urllib.error.HTTPError as error:
        return f"{url} answers {error.code}: does the key belong to it?"
    except OSError as error:
        return f"{url} does not answer ({error}): start `make run` in another terminal"
    return "" if known else f"{url} does not know the examples' type update-analytics: start it by `make run`"


if __name__ == "__main__":
    sys.exit(main())
