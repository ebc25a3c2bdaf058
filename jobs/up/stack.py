"""The processes of one machine: the server first and last, the others between."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType

from jobs.conf import Config
from jobs.server import EmbeddedServer

from .changes import Changes
from .child import Child

STOP_SLACK_SECONDS = 10.0
HURRY_SECONDS = 3.0  # for a process to obey the second signal
BEAT_SECONDS = 0.25


class Stack:
    """Runs the server (where none is configured), web and a worker pool until SIGINT, SIGTERM or SIGHUP.

    A second signal ends what is left at once. The server stops last, so that workers can give back what they hold.
    """

    def __init__(self, config: Config, env: Mapping[str, str], cwd: Path, say: Callable[[str, str], None]) -> None:
        self._config = config
        self.say = say
        self._env = dict(env)
        self._cwd = cwd  # where manage.py lies
        self._children: list[Child] = []
        self._passing: list[Child] = []
        self._stopping = threading.Event()
        self._impatient = False
        self._server = EmbeddedServer(config.var_dir) if config.is_embedded else None

    def start_server(self) -> None:
        """Start or adopt the embedded server. Raises ServerError with one sentence."""
        if self._server is not None:
            self._server.start()
            self.say("up", "adopted the server that was running" if self._server.adopted else "started the server")

    def add(self, name: str, *arguments: str) -> None:
        """Start a Python command as one of the processes that are kept running."""
        child = Child(name, [sys.executable, *arguments], self._env, self._cwd, self.say)
        child.start()
        self._children.append(child)

    def run_once(self, name: str, *arguments: str) -> None:
        """Start a Python command that is expected to end by itself, at the latest with the others."""
        child = Child(name, [sys.executable, *arguments], self._env, self._cwd, self.say)
        child.start()
        self._passing.append(child)

    def watch_signals(self) -> None:
        """From now on SIGINT, SIGTERM and the end of the terminal end the run."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup and shells do it for background jobs
                signal.signal(number, self._signalled)

    @property
    def stopping(self) -> bool:
        """Whether the end has begun."""
        return self._stopping.is_set()

    def run(self, changes: Changes | None = None) -> None:
        """Keep everything running until told to stop; restart what runs our code when a file of `changes` changes."""
        while not self._stopping.wait(BEAT_SECONDS):
            if self._server is not None and self._server.ensure():
                self.say("up", "the server had died; it runs again with its file")
            for child in self._children:
                child.keep()
            if changes is not None and (path := changes.first()):
                self.say("up", f"{path} changed: restarting")
                self._stop_children()
                for child in self._children:
                    child.start()

    def stop(self) -> None:
        """End the processes, then the server."""
        self._stopping.set()
        for child in self._passing:
            child.signal(signal.SIGTERM)
        self._stop_children()
        if self._server is not None:
            self._server.stop()

    def _stop_children(self) -> None:
        for child in self._children:
            child.signal(signal.SIGTERM)
        deadline = time.monotonic() + self._config.shutdown_grace_seconds + STOP_SLACK_SECONDS
        hurried = False
        for child in self._children:
            while not child.wait(BEAT_SECONDS):
                if self._impatient and not hurried:
                    hurried, deadline = True, min(deadline, time.monotonic() + HURRY_SECONDS)
                    self._hurry()
                if time.monotonic() > deadline:
                    self.say("up", f"{child.name} did not end: killed")
                    child.kill()

    def _hurry(self) -> None:
        """Tell the processes to end at once; they know best what they have started."""
        for child in self._children:
            child.signal(signal.SIGTERM)

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        self._impatient = self._stopping.is_set()
        self._stopping.set()
