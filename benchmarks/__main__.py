"""``python -m benchmarks``: run, print the table, write ``benchmarks/results/<date>.json``."""

from __future__ import annotations

import json
import signal
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import environment, machine, options, peers, report, runner
from benchmarks.bench import Bench
from benchmarks.errors import BenchmarkError
from benchmarks.record_file import RecordFile
from benchmarks.results import Results
from benchmarks.servers import Servers
from benchmarks.subject import Subject
from benchmarks.work import PARTITIONS_VARIABLE, RECORDS_VARIABLE, URL_VARIABLE
from jobs.server import ServerNotFound, find_server_binary

RESULTS = environment.FOLDER / "results"


def main() -> int:
    """Return the exit code: 1 where a subject failed or nothing could be run."""
    chosen = options.parse()
    # Asked to end, unwind as at Ctrl-C: the server and the workers have sessions of their own and would stay.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        environment.install(chosen.subjects)
        with tempfile.TemporaryDirectory(prefix="queueflow-bench-") as folder:
            return _measure(chosen, Path(folder))
    except (BenchmarkError, ServerNotFound) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _measure(chosen: options.Options, folder: Path) -> int:
    results = Results(ours=peers.OURS)
    with Servers(find_server_binary(), folder, chosen.partitions) as server:
        records = RecordFile(folder / "records")
        variables = {RECORDS_VARIABLE: str(records.path), URL_VARIABLE: server.url}
        subjects = [Subject(name, folder, variables) for name in chosen.subjects]
        if chosen.before:
            root = environment.checkout(chosen.before, folder / "before")
            subjects.append(Subject("before", folder, variables, root, peers.OURS))
        if chosen.partitions > 1:
            spread = {**variables, PARTITIONS_VARIABLE: server.urls}
            subjects.append(Subject("partitions", folder, spread, module=peers.OURS))
        facts: dict[str, Any] = {"date": _now(), "machine": machine.describe()}
        facts |= {"server": server.describe(), "whole": chosen.is_whole, "options": asdict(chosen)}
        about = {subject.name: subject.about for subject in subjects}  # now, so that a broken one stops the run early
        runner.run(Bench(chosen, server, records), subjects, results)
    about = {subject.name: {**about[subject.name], "commands": subject.commands()} for subject in subjects}
    _print(results, about, facts)
    print(f"\nWritten to {_write(report.document(results, about, facts), facts['date'])}")
    return 1 if results.failures else 0


def _print(results: Results, about: dict[str, dict[str, Any]], facts: dict[str, Any]) -> None:
    print(f"{facts['server']['name']} {facts['server']['version']} ({facts['server']['flags']})")
    print(", ".join(f"{name} {value}" for name, value in facts["machine"].items()))
    print(", ".join(f"{name} {value}" for name, value in facts["options"].items() if name != "subjects"))
    print("the whole run" if facts["whole"] else "not the whole run", end="\n\n")
    for name, subject in about.items():
        print(f"{name}: {', '.join(f'{package} {version}' for package, version in subject['versions'].items())}")
        print(f"  {subject['about']} Bulk: {subject['bulk'] or 'none'}.")
        for shape, commands in subject["commands"].items():
            print(f"  {shape}: {' & '.join(dict.fromkeys(commands))}")
    print(f"\n{report.table(results, list(about))}")
    is_alone = facts["options"]["before"] or facts["options"]["partitions"] > 1
    if not is_alone and (lines := report.budgets(results)):  # they are about other queues
        print(f"\n{lines}")
    for failure in results.failures:
        print(f"failed: {failure}")


def _write(document: dict[str, Any], date: str) -> str:
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{date.replace(':', '-')}.json"
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    return str(path.relative_to(environment.ROOT))


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


if __name__ == "__main__":
    sys.exit(main())
