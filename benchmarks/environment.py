"""Where the subjects' code is: QueueFlow in the project's environment, the peers in ones of their own."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import venv
from collections.abc import Iterable
from pathlib import Path

from benchmarks import peers
from benchmarks.errors import BenchmarkError

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent
STAMP = "lock.sha256"
# The peers share one environment, except where their needs contradict each other.
ENVIRONMENTS = {
    "peers": (FOLDER / ".venv", FOLDER / "requirements.lock"),
    "taskiq": (FOLDER / ".venv-taskiq", FOLDER / "requirements-taskiq.lock"),
}


def python(subject: str) -> Path:
    """Return the interpreter that has the subject's library: this one for ours."""
    if subject == peers.OURS:
        return Path(sys.executable)
    folder, _ = ENVIRONMENTS[_environment(subject)]
    return folder / "bin" / "python"


def checkout(commit: str, folder: Path) -> Path:
    """Return ``folder`` with the project's code as it was at a commit. Raises ``BenchmarkError`` for an unknown one."""
    packed = subprocess.run(["git", "archive", commit], check=False, cwd=ROOT, capture_output=True)
    if packed.returncode:
        raise BenchmarkError(f"{commit} cannot be had: {packed.stderr.decode().strip()[-500:]}")
    folder.mkdir()
    subprocess.run(["tar", "--extract"], check=True, cwd=folder, input=packed.stdout)
    return folder


def install(subjects: Iterable[str]) -> None:
    """Make the environments of these peers agree with their locks; does nothing where they already do.

    Raises ``BenchmarkError`` if the packages cannot be had.
    """
    for name in sorted({_environment(subject) for subject in subjects if subject != peers.OURS}):
        _install(*ENVIRONMENTS[name])


def _environment(subject: str) -> str:
    return subject if subject in ENVIRONMENTS else "peers"


def _install(folder: Path, lock: Path) -> None:
    stamp, wanted = folder / STAMP, hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"Installing {lock.name} into {folder.relative_to(ROOT)}", file=sys.stderr)
    venv.create(folder, with_pip=True, clear=True)
    # The lock is complete and hashed, so pip has nothing to resolve.
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command = [*pip, "--require-hashes", "--no-deps", "--requirement", str(lock)]
    ran = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if ran.returncode:
        raise BenchmarkError(f"{lock.name} could not be installed: {ran.stderr.strip()[-1500:]}")
    stamp.write_text(wanted)
