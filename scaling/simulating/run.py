"""Watches over the process of one simulation, on a thread of the web process that was asked for it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from time import monotonic
from typing import Any, Final

import msgspec

from jobs.errors import StoreError
from jobs.logs import get_logger
from jobs.store.simulation import Simulation, SimulationStatus
from jobs.store.simulations import MOST_RESULT
from jobs.store.store import Store

from .ears import Ears
from .wanted import Said, Wanted

log = get_logger(__name__)
COMMAND: Final = (sys.executable, "-m", "scaling.simulating.child")
SECONDS: Final = 900.0
SAVED_EVERY: Final = 1.0  # seconds
ONE_CORE: Final = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class Run:
    """Keeps in the store how far the simulation is, and what came of it: a result, an abort, a failure and its reason.

    The process ends with it, with this process, and after `seconds` at the latest.
    """

    def __init__(self, store: Store, told: Simulation, wanted: Wanted, seconds: float = SECONDS) -> None:
        self._store = store
        self._told = told
        self._wanted = msgspec.json.encode(wanted) + b"\n"
        self._seconds = seconds
        self._saved = monotonic()

    def start(self) -> None:
        """Go on alone."""
        threading.Thread(target=self.run, name=f"simulation-{self._told.id}", daemon=True).start()

    def run(self) -> None:
        """Until it is over."""
        try:
            said = self._carried_out()
            if said is not None:
                self._finish(said)
        except StoreError as error:
            log.warning("what came of a simulation cannot be kept", simulation=self._told.id, error=str(error))
        except Exception as error:
            log.exception("a simulation failed")
            self._finish(Said(failed=f"It could not be run: {error}"))

    def _carried_out(self) -> Said | None:
        """The last line of the process; None where somebody else has ended the simulation."""
        paths = os.pathsep.join(filter(None, sys.path))
        environment = {**os.environ, **ONE_CORE, "PYTHONPATH": paths}
        pipes: Any = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        with subprocess.Popen(COMMAND, env=environment, bufsize=0, **pipes) as process, Ears(process) as ears:
            try:
                return self._followed(process, ears) or Said(failed=ears.last_words())
            except _OverError:
                return None
            finally:
                process.kill()

    def _followed(self, process: subprocess.Popen[bytes], ears: Ears) -> Said | None:
        """The line that ends it; None where the process ended without one."""
        deadline = monotonic() + self._seconds
        asker = threading.Thread(target=self._ask, args=(process,), daemon=True)
        asker.start()  # a pipe takes 64 KiB at once, and the process may die before it has read more
        while monotonic() < deadline:
            heard = ears.hear(SAVED_EVERY)
            if heard is None:
                return None
            for said in heard:
                if said.failed or said.result:
                    return said
                self._told = msgspec.structs.replace(self._told, progress=min(max(said.progress, 0.0), 1.0))
            self._save()
        return Said(failed=f"It was stopped after {self._seconds:.0f} s. Try fewer days or strategies.")

    def _ask(self, process: subprocess.Popen[bytes]) -> None:
        into: Any = process.stdin
        try:
            into.write(self._wanted)
        except OSError:
            log.debug("the process of a simulation ended before it was told what to do")

    def _save(self) -> None:
        """Keep how far it is, once a second. Raises _OverError when somebody has ended it."""
        if monotonic() - self._saved < SAVED_EVERY:
            return
        self._saved = monotonic()
        try:
            if not self._store.simulations.save(self._told):
                raise _OverError
        except StoreError:
            log.debug("how far a simulation is is said later")

    def _finish(self, said: Said) -> None:
        failed = said.failed or ("Its result is too large to be kept." if len(said.result) > MOST_RESULT else "")
        status = SimulationStatus.FAILED if failed else SimulationStatus.DONE
        told = msgspec.structs.replace(
            self._told, status=status, error=failed[:500], finished=self._store.reader.now_ms()
        )
        if not failed:
            told = msgspec.structs.replace(told, progress=1.0)
        self._store.simulations.save(told, b"" if failed else bytes(said.result))


class _OverError(Exception):
    """Somebody has ended the simulation."""
