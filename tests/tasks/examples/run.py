"""Runs the examples on a server and a pool of their own: `python -m tests.tasks.examples.run`.

Prints a line for each, `ok` or what went wrong, and ends with 0 if all are ok. Needs the environment variable
QUEUEFLOW_VAR_DIR: a folder to write into.
"""

from __future__ import annotations

import os
import sys
import traceback

import django

from tests.engine.pools import Pool
from tests.support.server import TestServer

SETTINGS = "tests.tasks.examples.settings"


def run() -> int:
    """Prepare the database and run all cases. Returns the exit code."""
    django.setup()
    from django.core.management import call_command

    call_command("migrate", run_syncdb=True, verbosity=0)
    call_command("check", verbosity=0)
    with Pool(os.environ["REDIS_URL"], "--max", "1", DJANGO_SETTINGS_MODULE=SETTINGS, QUEUEFLOW_HANDLERS="") as pool:
        pool.await_ready(1)
        from .cases import CASES

        return max([outcome(case) for case in CASES])


def outcome(case: object) -> int:
    """Run one and say how it went."""
    name = getattr(case, "__name__", "?")
    try:
        case()  # type: ignore[operator]
    except Exception:
        print(name, "failed", flush=True)
        traceback.print_exc()
        return 1
    print(name, "ok", flush=True)
    return 0


def main() -> int:
    """Start the server first: settings are read from the environment."""
    with TestServer() as server:
        os.environ |= {"REDIS_URL": server.url, "DJANGO_SETTINGS_MODULE": SETTINGS}
        print("Django", django.get_version(), "on Python", sys.version.split()[0], flush=True)
        return run()


if __name__ == "__main__":
    sys.exit(main())
