"""The process that starts and watches workers. It has no threads, no connection to anything, and runs no job."""

from __future__ import annotations

import os
import secrets
import selectors
import signal
import socket
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final

import msgspec

from jobs.logs import get_logger

from .birth import Birth, Closable
from .dumps import LOOK_EVERY, Dumps
from .health import Health
from .link import Link
from .losses import Job, Losses
from .member import Member
from .options import PoolOptions
from .orphans import adopt_orphans, kill_group
from .pool_metrics import breakers_of, pool_metrics
from .signals import Signals
from .upkeep import Upkeep
from .workforce import Workforce

TICK: Final = 0.1
_ENDING: Final = frozenset({signal.SIGTERM, signal.SIGINT})
_log = get_logger(__name__)


class Supervisor:
    """`run` returns the exit code once all children have gone: 0 after a drain, 1 after a second signal."""

    def __init__(self, options: PoolOptions, *, spawn: bool) -> None:
        self._name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        self._options = options = msgspec.structs.replace(options, supervisor=self._name)
        self._signals = Signals([signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD])
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._signals, selectors.EVENT_READ)
        self._losses = Losses()
        birth = Birth(options, spawn=spawn, inherited=self._inherited)
        self._workforce = Workforce(options, birth, self._watch, self._unwatch, self._lose)
        self._dumps = Dumps(self._workforce.members)
        self._upkeep = Upkeep(birth, self._losses, self._dumps)
        port = options.health_port
        self._health = None if port is None else Health(port, self._selector, self._is_ready, self._metrics)
        self._endings = 0

    def run(self) -> int:
        """Supervise until SIGTERM or SIGINT, then drain. A second one kills everything at once."""
        adopt_orphans()
        while not self._endings:
            self._upkeep.start()
            if self._upkeep.desired is not None:
                self._workforce.pool.desire(self._upkeep.desired)
            self._workforce.tend()
            self._turn()
        _log.info("the pool drains", pool=self._options.name, workers=len(self._workforce.members))
        self._workforce.drain()
        while self._workforce.members or not self._upkeep.end():
            if self._endings > 1:
                return self._end_at_once()
            self._turn()
        return 0

    def _turn(self) -> None:
        """Wait a moment for news, and see to what cannot wait."""
        for key, _ in self._selector.select(LOOK_EVERY if self._dumps else TICK):
            if key.fileobj is self._signals:
                self._heed(self._signals.read())
            elif isinstance(key.data, Member):
                self._workforce.listen(key.data)
            else:
                key.data()
        if self._health is not None:
            self._health.tidy()
        self._upkeep.listen()
        self._workforce.enforce()
        self._upkeep.tell(self._status())

    def _heed(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self._endings += number in _ENDING
            if number == signal.SIGHUP:
                _log.info("all workers are replaced", pool=self._options.name)
                self._workforce.recycle()
        self._reap()

    def _reap(self) -> None:
        while (pid := _next_dead()) is not None:
            member = self._workforce.members.get(pid)
            if member is not None or pid == self._upkeep.pid:
                kill_group(pid)  # while its pid cannot have been given to anybody else
            _, status = os.waitpid(pid, 0)
            if member is not None:
                self._workforce.bury(member, status, self._known())
            elif pid == self._upkeep.pid:
                self._upkeep.died(os.waitstatus_to_exitcode(status))

    def _known(self) -> frozenset[int]:
        own = {self._upkeep.pid} if self._upkeep.pid is not None else set()
        return frozenset(self._workforce.members.keys() | own)

    def _is_ready(self) -> tuple[bool, dict[str, Any]]:
        ready, desired = self._workforce.ready, self._workforce.pool.desired
        fine = not self._endings and (ready > 0 or desired == 0)
        return fine, {"workers": ready, "desired": desired, "breakers": breakers_of(self._workforce.status())}

    def _metrics(self) -> bytes:
        return pool_metrics(self._status(), self._workforce.ready, self._options.concurrency)

    def _lose(self, lost: Job) -> None:
        self._losses.add(lost, self._upkeep.link)

    def _status(self) -> dict[str, Any]:
        return {
            "pool": self._options.name,
            "supervisor": self._name,
            "min": self._options.least,
            "max": self._options.most,
            "desired": self._workforce.pool.desired,
            "stopping": bool(self._endings),
            "workers": self._workforce.status(),
        }

    def _end_at_once(self) -> int:
        _log.warning("the pool ends at once: what runs is lost", pool=self._options.name)
        self._workforce.kill()
        if self._upkeep.pid is not None:
            kill_group(self._upkeep.pid)
        return 1

    def _watch(self, member: Member) -> None:
        self._selector.register(member.link, selectors.EVENT_READ, member)

    def _unwatch(self, link: Link) -> None:
        with suppress(KeyError, ValueError):
            self._selector.unregister(link)

    def _inherited(self) -> list[Closable]:
        health = [self._health] if self._health is not None else []
        return [self._signals, self._selector, self._upkeep, *health, *self._workforce.members.values()]


def _next_dead() -> int | None:
    """The pid of a child that has ended; it stays a zombie where the system allows that."""
    try:
        if hasattr(os, "waitid"):
            found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            return found.si_pid if found else None
    except ChildProcessError:
        return None
    return None
