"""`python -m tests.deploy.prometheus`: promtool, and a Prometheus that scrapes a demonstration.

promtool checks the configuration and the rules and runs their tests. Then a Prometheus scrapes an installation of
`manage.py up --demo` for two minutes: every target has to answer, and every recorded series and every query of the
dashboard has to have data. Needs promtool and prometheus (Debian: apt-get install prometheus), of version 2 or 3:
those that the PATH leads to first.
The exit code is 0 when all of that holds, 1 when not, 2 when a program is missing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from .files import PROMETHEUS, alerts, queries, records
from .scraped import Prometheus, Watched, adapted

PROGRAMS: Final = ("promtool", "prometheus")
TARGETS: Final = 6  # the installation, its web process, a pool, a scaler, a scheduler, Prometheus


def main() -> int:
    """Check all of it and say what is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.deploy.prometheus", description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0, help="for how long to scrape (%(default)s)")
    options = parser.parse_args()
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        print(f"Missing: {' and '.join(missing)}. On Debian: apt-get install prometheus", file=sys.stderr)
        return 2
    rules, tests = (sorted(map(str, (PROMETHEUS / name).glob("*.yml"))) for name in ("rules", "tests"))
    faults = [*promtool("--version"), *promtool("check", "rules", *rules), *promtool("test", "rules", *tests)]
    os.environ["OUTBOX"] = "true"  # for the figures that there are only with one
    with tempfile.TemporaryDirectory() as name, Watched(Path(name)) as demo:
        folder = Path(name)
        watcher = Prometheus(folder, adapted(demo, folder / "api_key"))
        faults += promtool("check", "config", str(watcher.file))
        with watcher:
            watcher.lasts(options.seconds)
            faults += looked_at(watcher)
    print("\n".join(faults) if faults else "All of it holds.")
    return 1 if faults else 0


def promtool(*words: str) -> list[str]:
    """What it finds wrong, as one fault; what it says otherwise is printed."""
    done = subprocess.run(["promtool", *words], capture_output=True, text=True, check=False)
    print(f"$ promtool {' '.join(words[:2])}\n{done.stdout.rstrip()}")
    return [f"promtool {' '.join(words)}: {done.stdout}{done.stderr}"] if done.returncode else []


def looked_at(watcher: Prometheus) -> list[str]:
    """Which targets do not answer, and which queries have no data."""
    up = [sample["metric"] for sample in watcher.ask("up == 1")]
    print(f"{len(up)} targets answer: {', '.join(sorted(each['job'] for each in up))}")
    faults = [] if len(up) == TARGETS else [f"{len(up)} of {TARGETS} targets answer"]
    faults += without_data(watcher, "recorded series", {name: name for name in records()})
    faults += without_data(watcher, "queries of the dashboard", queries())
    for name, alert in alerts().items():
        watcher.ask(alert["expr"])  # raises where it is wrong; most have nothing to say
        firing = watcher.ask(f'ALERTS{{alertname="{name}", alertstate="firing"}}')
        print("".join(f"fires: {name} {sample['metric']}\n" for sample in firing), end="")
    return faults


def without_data(watcher: Prometheus, what: str, expressions: Mapping[str, str]) -> list[str]:
    """A fault for each expression that answers nothing, or nothing but NaN."""
    empty = []
    for name, expression in expressions.items():
        values = [sample["value"][1] for sample in watcher.ask(expression)]
        if not [value for value in values if value != "NaN"]:
            empty.append(f"no data: {name}: {expression}")
    print(f"{len(expressions) - len(empty)} of {len(expressions)} {what} have data")
    return empty


if __name__ == "__main__":
    sys.exit(main())
